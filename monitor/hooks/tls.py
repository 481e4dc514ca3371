"""TLS towards a hook: verified against the machine's authorities, 1.2 at the least, unless the operator says by name
that it must not be."""

import ssl


def context(
    ca_file: str | None = None,
    cert_file: str | None = None,
    key_file: str | None = None,
    insecure_skip_verify: bool = False,
) -> ssl.SSLContext:
    """A client context. Reads files, so call it in a thread; OSError (ssl.SSLError is one) where they are no good.

    ``insecure_skip_verify`` accepts any certificate of any host: whoever is on the path can read and alter.
    """
    made = ssl.create_default_context(cafile=ca_file)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if cert_file is not None:
        made.load_cert_chain(cert_file, key_file, password="")  # no password: OpenSSL would ask on the terminal
    if insecure_skip_verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    return made
