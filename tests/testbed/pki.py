# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private certificate authority and its certificates, made with the openssl command.

The authority carries keyUsage and a subject key identifier and every certificate names it by authority key
identifier: Python 3.13 verifies strictly and refuses chains without them.
"""

from __future__ import annotations

import ipaddress
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.testbed.errors import TestbedError

_DAYS = "3650"
_AUTHORITY = """\
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign, digitalSignature
subjectKeyIdentifier = hash
"""
_LEAF = """\
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = {names}
"""


@dataclass(frozen=True)
class Certificate:
    """Two PEM files."""

    certificate: Path
    key: Path


def request_config(common_name: str, organization: str, extensions: str) -> str:
    """The openssl configuration for one certificate."""
    subject = f"CN = {common_name}\n" + (f"O = {organization}\n" if organization else "")
    return (
        "[req]\nprompt = no\ndistinguished_name = subject\nx509_extensions = extensions\n"
        f"[subject]\n{subject}[extensions]\n{extensions}"
    )


def alternative_names(names: Sequence[str]) -> str:
    """``subjectAltName`` for host names and IP addresses; the value openssl's configuration wants."""
    return ", ".join(f"{'IP' if _is_address(name) else 'DNS'}:{name}" for name in names)


class Authority:
    """A certificate authority in a folder. Everything in it is made once and then kept."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.certificate = directory / "ca.crt"
        self.key = directory / "ca.key"

    def create(self, common_name: str) -> None:
        """Make the authority unless it is there."""
        self._directory.mkdir(parents=True, exist_ok=True)
        if not self.certificate.exists():
            self._request("ca", request_config(common_name, "", _AUTHORITY), signed=False)

    def issue(self, name: str, common_name: str, organization: str = "", names: Sequence[str] = ()) -> Certificate:
        """A certificate in ``NAME.crt`` and ``NAME.key``, for servers and clients.

        ``names`` are the host names and addresses it is valid for; the common name when there are none.
        """
        result = Certificate(self._directory / f"{name}.crt", self._directory / f"{name}.key")
        if not result.certificate.exists():
            extensions = _LEAF.format(names=alternative_names(names or [common_name.replace(":", ".")]))
            self._request(name, request_config(common_name, organization, extensions), signed=True)
        return result

    def signing_key(self, name: str) -> Path:
        """A bare private key in ``NAME.key``, for tokens."""
        path = self._directory / f"{name}.key"
        if not path.exists():
            draft = path.with_suffix(".draft")
            _openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(draft))
            draft.replace(path)
        return path

    def _request(self, name: str, config: str, signed: bool) -> None:
        """Write key and certificate; the certificate last, because its presence means that both are whole."""
        config_file = self._directory / f"{name}.cnf"
        draft = self._directory / f"{name}.draft"
        config_file.write_text(config)
        arguments = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-sha256"]
        arguments += ["-days", _DAYS, "-config", str(config_file), "-keyout", str(self._directory / f"{name}.key")]
        if signed:
            arguments += ["-CA", str(self.certificate), "-CAkey", str(self.key)]
        _openssl(*arguments, "-out", str(draft))
        draft.replace(self._directory / f"{name}.crt")
        config_file.unlink()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _openssl(*arguments: str) -> None:
    try:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise TestbedError("openssl is not installed: run 'apt-get install openssl'") from None
    except subprocess.CalledProcessError as error:
        raise TestbedError(f"openssl {arguments[0]} failed: {str(error.stderr).strip()}") from error
