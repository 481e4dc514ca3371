FROM python:3.13-slim AS build
WORKDIR /src
RUN cp "$(readlink -f /usr/local/bin/python3)" /usr/local/bin/python-upheld
COPY pyproject.toml README.md LICENSE ./
COPY config config
COPY probes probes
COPY monitor monitor
RUN python-upheld -m venv /opt/upheld && /opt/upheld/bin/pip install --no-cache-dir .

FROM python:3.13-slim
# An interpreter of our own carries the one capability there is, for raw ICMP sockets. A container that is not given it
# (--cap-drop ALL without --cap-add NET_RAW) cannot start this program.
RUN cp "$(readlink -f /usr/local/bin/python3)" /usr/local/bin/python-upheld \
 && apt-get update \
 && apt-get install --yes --no-install-recommends libcap2-bin \
 && setcap cap_net_raw+ep /usr/local/bin/python-upheld \
 && apt-get purge --yes --auto-remove libcap2-bin \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --home-dir /var/lib/upheld --create-home --shell /usr/sbin/nologin upheld
COPY --from=build /opt/upheld /opt/upheld
ENV PATH=/opt/upheld/bin:$PATH
USER 10001:10001
WORKDIR /var/lib/upheld
VOLUME /var/lib/upheld
EXPOSE 8420 9420
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8420/-/healthy', timeout=4)"]
ENTRYPOINT ["upheld"]
CMD ["run", "-c", "/etc/upheld", "--store", "/var/lib/upheld/upheld.db"]
