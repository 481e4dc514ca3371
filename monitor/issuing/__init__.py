"""Statements that stand: frozen, signed, kept, revised in the open, and recomputed by anybody from evidence alone.

build ─▶ body ─▶ + terms, evidence root, revision, difference ─▶ digest ─▶ Ed25519 signature ─▶ store
                   statement + evidence ─▶ verify: the same figures, or the first difference
"""
