"""The store of many machines: PostgreSQL, one row a sample, in partitions by the month.

The driver is psycopg 3: the port is synchronous and called from threads, which an all-async driver would need an
event loop of its own for; its binary COPY takes rows as fast as the server does, and its server-side cursors read
any number of them in bounded memory. It comes with the extra ``upheld[postgres]`` and is imported only where a
store's address begins with ``postgresql://``.
"""
