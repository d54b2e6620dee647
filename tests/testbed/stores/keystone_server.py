# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keystone and a one-node Swift as one process, whose children end with it.

    python -m tests.testbed.stores.keystone_server FOLDER ADDRESS:PORT USER

USER makes containers in the project ``testbed``. The password, that of the cloud's ``admin`` too, comes in the
environment as OWNER_PASSWORD. Runs in the environment that ``keystone.ENVIRONMENT`` is.
"""

from __future__ import annotations

import os
import socketserver
import sys
import threading
import time
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from tests.testbed.files import write_file
from tests.testbed.ports import accepts, ephemeral
from tests.testbed.shell import run
from tests.testbed.stores.base import REGION
from tests.testbed.stores.children import Children
from tests.testbed.stores.keystone_api import ADMIN, OPERATOR, Keystone, Login
from tests.testbed.stores.swift_server import BIN, Users, start

# All folders are named: the defaults are in /etc. Passwords here need no protection against years of guessing.
_CONFIGURATION = """\
[DEFAULT]
use_stderr = true
[database]
connection = sqlite:///{folder}/keystone.db
[fernet_tokens]
key_repository = {folder}/tokens
[fernet_receipts]
key_repository = {folder}/receipts
[credential]
key_repository = {folder}/credentials
[identity]
password_hash_rounds = 4
"""
_FILTERS = """\
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
www_authenticate_uri = {public}
auth_url = {private}
auth_type = password
username = {login.name}
password = {login.password}
user_domain_id = default
project_name = {login.project}
project_domain_id = default
cache = swift.cache
delay_auth_decision = true
include_service_catalog = false
[filter:keystoneauth]
use = egg:swift#keystoneauth
operator_roles = admin, {operator}
"""


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


def configure(folder: Path, password: str) -> Path:
    """Write the configuration, make tables, keys and the administrator, or what is missing of them."""
    file = folder / "keystone.conf"
    write_file(file, _CONFIGURATION.format(folder=folder))
    manage = (BIN / "keystone-manage", "--config-file", file)
    run(*manage, "db_sync")
    us = ("--keystone-user", str(os.geteuid()), "--keystone-group", str(os.getegid()))
    run(*manage, "fernet_setup", *us)
    run(*manage, "bootstrap", "--bootstrap-region-id", REGION, variables={"OS_BOOTSTRAP_PASSWORD": password})
    return file


def application(configuration: Path) -> Any:
    """Keystone itself."""
    # It takes both for its own.
    del sys.argv[1:]
    os.environ["OS_KEYSTONE_CONFIG_FILES"] = str(configuration)
    from keystone.server.wsgi import initialize_public_application

    return initialize_public_application()


def listen(keystone: Any, address: str, port: int) -> None:
    """Answer there until the process ends."""
    server = _Server((address, port), WSGIRequestHandler)
    server.set_app(keystone)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def furnish(admin: Keystone, owner: Login, service: Login) -> None:
    """The accounts: who makes containers, and who asks Keystone for Swift what a token is worth."""
    admin.add_user(owner.name, owner.password, OPERATOR, owner.project)
    admin.add_user(service.name, service.password, "service", service.project)


def announce(admin: Keystone, kind: str, public: str, internal: str) -> None:
    """Where the catalogue says that a service is; today's addresses replace those of an earlier start."""
    admin.remove("service", f"type={kind}")
    service = admin.ask("POST", "/services", {"service": {"type": kind, "name": kind}})["service"]["id"]
    for interface, url in (("public", public), ("internal", internal)):
        place = {"interface": interface, "region_id": REGION, "url": url, "service_id": service}
        admin.ask("POST", "/endpoints", {"endpoint": place})


def main() -> int:
    """Run until a child ends or somebody asks for the end."""
    folder, public, user = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    password = os.environ.pop("OWNER_PASSWORD")
    address, port = public.rsplit(":", 1)
    private, proxy = ephemeral(2)
    url, own_url = f"http://{public}/v3", f"http://127.0.0.1:{private}/v3"
    swift_url = f"http://{address}:{proxy}/v1/AUTH_%(project_id)s"
    service = Login("swift", password, "service")
    filters = _FILTERS.format(public=url, private=own_url, login=service, operator=OPERATOR)
    with Children() as children:
        start(children, folder, f"{address}:{proxy}", Users("authtoken keystoneauth", filters))
        keystone = application(configure(folder, password))
        listen(keystone, "127.0.0.1", private)
        admin = Keystone(own_url, Login(ADMIN, password, ADMIN))
        furnish(admin, Login(user, password), service)
        announce(admin, "identity", url, own_url)
        announce(admin, "object-store", swift_url, swift_url)
        while not accepts(address, proxy):
            time.sleep(0.1)
        # Last, so that whoever reaches the port finds the accounts and Swift.
        listen(keystone, address, int(port))
        return children.wait()


if __name__ == "__main__":
    sys.exit(main())
