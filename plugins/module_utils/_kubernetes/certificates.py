# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API server's certificate is verified as kubectl does: chain, dates and name.

From Python 3.13 on ssl asks for more by default, such as key identifiers, which the CAs of many clusters do not have.
"""

from __future__ import annotations

import ssl
from typing import Any


def verify_as_kubectl(pool: Any, *, own_ca: bool) -> None:
    """Let a urllib3 pool manager that verifies certificates do without what RFC 5280 asks for beyond the chain.

    :param own_ca: the pool has a CA, which is then the only one; else it trusts those of this machine.
    """
    from urllib3.connection import HTTPSConnection
    from urllib3.connectionpool import HTTPSConnectionPool
    from urllib3.util.ssl_ import create_urllib3_context

    def context() -> ssl.SSLContext:
        made = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
        made.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if not own_ca:
            # urllib3 does so for a context that it makes itself.
            made.load_default_certs()
        return made

    class Connection(HTTPSConnection):
        """Has a context of its own: urllib3 loads the client's certificate into it whenever it connects.

        Of two threads that do so with one context, one reads a certificate that the other has freed: a crash.
        """

        def __init__(self, *arguments: Any, **settings: Any) -> None:
            super().__init__(*arguments, **{**settings, "ssl_context": context()})

    class Pool(HTTPSConnectionPool):
        ConnectionCls = Connection

    if create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED).verify_flags & ssl.VERIFY_X509_STRICT:
        pool.pool_classes_by_scheme = {**pool.pool_classes_by_scheme, "https": Pool}
