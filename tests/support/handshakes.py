# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a gRPC server lets in: a handshake with certificates of the test's choice, as a fresh connection has it."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

# What a client of HTTP/2 begins with, and an empty frame of settings.
_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"


def shown(address: tuple[str, int], name: str, authorities: str, own: str, file: Path) -> str:
    """The certificate (PEM) that a server shows. Raises OSError where it does not let us in, or is not the right one.

    ``name`` and ``authorities`` (PEM) are what its certificate has to be for and signed by; ``own`` is ours with its
    key (PEM), empty for none, and ``file`` where it may be written.
    """
    context = ssl.create_default_context(cadata=authorities)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.set_alpn_protocols(["h2"])
    if own:
        file.write_text(own, encoding="utf-8")
        context.load_cert_chain(file)
    with (
        socket.create_connection(address, timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=name) as connection,
    ):
        # With TLS 1.3 the client hears what the server thinks of its certificate when it reads.
        connection.sendall(_HELLO)
        if not connection.recv(1):
            raise ConnectionError("closed")
        peer = connection.getpeercert(binary_form=True) or b""
    return ssl.DER_cert_to_PEM_cert(peer).strip()
