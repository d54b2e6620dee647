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
    from urllib3.util.ssl_ import create_urllib3_context

    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    if not context.verify_flags & ssl.VERIFY_X509_STRICT:
        return
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not own_ca:
        # urllib3 does so for a context that it makes itself.
        context.load_default_certs()
    pool.connection_pool_kw["ssl_context"] = context
