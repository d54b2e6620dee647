# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach a cluster: the options of kubernetes.core by name, alias and environment variable."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from .._errors import InvalidInput, MissingLibrary, nearest
from .._findings import Finding, mistake
from .._options.convert import entries
from .._threads import WORKERS
from .certificates import verify_as_kubectl
from .client import Client
from .kubeconfig import chosen, content, contexts, impersonation, is_content
from .proxies import is_exempt, is_loopback

# The argument specification; the documentation is the fragment ``o11y.thanos.kubernetes``.
ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "kubeconfig": {"type": "raw"},
    "context": {"type": "str"},
    "host": {"type": "str"},
    "api_key": {"type": "str", "no_log": True},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "client_cert": {"type": "path", "aliases": ["cert_file"]},
    "client_key": {"type": "path", "aliases": ["key_file"], "no_log": False},
    "ca_cert": {"type": "path", "aliases": ["ssl_ca_cert"]},
    "validate_certs": {"type": "bool", "aliases": ["verify_ssl"]},
    "proxy": {"type": "str"},
    "no_proxy": {"type": "str"},
    "proxy_headers": {
        "type": "dict",
        "options": {
            "basic_auth": {"type": "str", "no_log": True},
            "proxy_basic_auth": {"type": "str", "no_log": True},
            "user_agent": {"type": "str"},
        },
    },
    "impersonate_user": {"type": "str"},
    "impersonate_groups": {"type": "list", "elements": "str"},
    "persist_config": {"type": "bool"},
}

# K8S_AUTH_<name>, where it is not the option's own name.
_ENVIRONMENT = {
    "client_cert": "CERT_FILE",
    "client_key": "KEY_FILE",
    "ca_cert": "SSL_CA_CERT",
    "validate_certs": "VERIFY_SSL",
}
_TRUE = frozenset({"1", "true", "yes", "on", "y", "t"})
_FALSE = frozenset({"0", "false", "no", "off", "n", "f"})
# Options in sentences, which roles take from variables.
_NAMES = ("kubeconfig", "context")
_COMPLETE = (("api_key",), ("username", "password"), ("client_cert", "client_key"))


def connect(options: Mapping[str, Any], directory: str = "") -> Client:
    """A client for the cluster that the options and the environment name; sends nothing yet.

    ``directory``: a folder that outlives the client, for the certificates and keys of a kubeconfig.

    Complete credentials with ``host`` win, then ``kubeconfig`` and ``context``, then the pod's own service account,
    then the default kubeconfig.

    :raises InvalidInput: a value is not valid, or the kubeconfig is missing, unparsable or without the context.
    :raises MissingLibrary: the Python library ``kubernetes`` is missing or too old.
    """
    settings, warnings = _settings(options)
    try:
        import kubernetes.client
        import kubernetes.config
        import kubernetes.dynamic
    except ImportError as error:
        raise MissingLibrary(f"the Python library kubernetes (29 or newer) cannot be imported: {error}.") from None

    configuration = kubernetes.client.Configuration()
    cluster, user = _load(kubernetes.config, configuration, settings, directory or None)
    _override(configuration, settings)
    where = _find_proxy(configuration, settings, cluster)
    api = _through(kubernetes.client.ApiClient, configuration, where)
    api.user_agent = "o11y.thanos"
    _identify(api, settings, user)
    if configuration.verify_ssl and str(configuration.host).startswith("https:"):
        own_ca = bool(configuration.ssl_ca_cert or getattr(configuration, "ca_cert_data", None))
        verify_as_kubectl(api.rest_client.pool_manager, own_ca=own_ca)
    dynamic_client: Any = kubernetes.dynamic.DynamicClient
    return Client(
        dynamic_client(api, discoverer=_NoDiscovery),
        str(configuration.host),
        warnings,
        lambda: _credentials(configuration, api.default_headers, settings, user),
    )


# The cluster and the user of a kubeconfig.
_Chosen = tuple[dict[str, Any], dict[str, Any]]
_NONE: _Chosen = ({}, {})


class _NoDiscovery:
    """Stands where the SDK would ask the server for every kind it knows: the table of kinds knows them."""

    def __init__(self, client: Any, cache_file: str | None) -> None:
        """Takes what the SDK hands over, and needs none of it."""


def _settings(options: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Options by their main name, those that are absent from the environment; and warnings."""
    settings: dict[str, Any] = {}
    problems: list[Finding] = []
    warnings: list[str] = []
    for name, spec in ARGUMENT_SPEC.items():
        names = (name, *spec.get("aliases", ()))
        value = next((options[n] for n in names if options.get(n) is not None), None)
        variable = f"K8S_AUTH_{_ENVIRONMENT.get(name, name.upper())}"
        source = f"option {name}" if value is not None else f"environment variable {variable}"
        if value is None and name == "proxy_headers":
            value = _proxy_headers_of_environment(spec["options"])
        elif value is None:
            value = os.environ.get(variable) or None
        if value is not None and spec["type"] == "bool":
            value = _boolean(value, source, problems)
        elif value is not None and spec["type"] == "list":
            value = entries(value)
        if name == "validate_certs" and value is False and source.startswith("environment"):
            warnings.append(f"{source} turns the verification of the API server's certificate off")
        settings[name] = value
    if problems:
        raise InvalidInput(problems)
    return settings, warnings


def _boolean(value: Any, source: str, problems: list[Finding]) -> bool | None:
    text = str(value).strip().lower()
    if text not in _TRUE | _FALSE:
        problems.append(mistake("option-type", source, f"'{value}' is not a boolean", "use true or false"))
        return None
    return text in _TRUE


def _proxy_headers_of_environment(names: Mapping[str, Any]) -> dict[str, str] | None:
    found = {name: os.environ.get(f"K8S_AUTH_PROXY_HEADERS_{name.upper()}") for name in names}
    return {name: value for name, value in found.items() if value} or None


def _load(config: Any, configuration: Any, settings: Mapping[str, Any], directory: str | None) -> _Chosen:
    """Fill the configuration from the pod or a kubeconfig, unless the options say everything.

    Returns the cluster and the user of the kubeconfig, empty ones without it.
    """
    if settings["host"] and any(all(settings[name] for name in group) for group in _COMPLETE):
        return _NONE
    if not settings["kubeconfig"] and not settings["context"]:
        try:
            config.load_incluster_config(client_configuration=configuration)
        except config.ConfigException:
            pass
        else:
            return _NONE
    return _load_kubeconfig(config, settings, {"client_configuration": configuration, "temp_file_path": directory})


def _load_kubeconfig(config: Any, settings: Mapping[str, Any], into: Mapping[str, Any]) -> _Chosen:
    context = settings["context"]
    source = settings["kubeconfig"] or os.environ.get("KUBECONFIG") or "~/.kube/config"
    source = source.strip() if isinstance(source, str) else source
    arguments: dict[str, Any] = {"context": context, **into}
    what = "the kubeconfig given by its content" if is_content(source) else f"kubeconfig {source}"
    try:
        if is_content(source):
            whole = dict(content(source, what))
            _need_context([whole], context, what)
            config.load_kube_config_from_dict(whole, persist_config=False, **arguments)
            return chosen([whole], context)
        paths = [Path(part).expanduser() for part in source.split(os.pathsep) if part]
        if not any(path.is_file() for path in paths):
            if settings["host"] and not settings["kubeconfig"] and not context:
                return _NONE
            advice = "set kubeconfig, or host with credentials"
            raise InvalidInput([mistake("connection-invalid", what, "does not exist", advice, joint=" ", names=_NAMES)])
        there = [(path, content(path.read_text(encoding="utf-8"), what)) for path in paths if path.is_file()]
        _need_context([found for _path, found in there], context, what)
        if len(there) == 1 and not settings["persist_config"]:
            path, found = there[0]
            _load_parsed(found, path.absolute().parent, context, into)
        else:
            arguments["persist_config"] = bool(settings["persist_config"])
            config.load_kube_config(os.pathsep.join(map(str, paths)), **arguments)
        return chosen([found for _path, found in there], context)
    except OSError as error:
        said = f"cannot be read: {error.strerror}"
        raise InvalidInput([mistake("connection-invalid", what, said, joint=" ")]) from None
    except config.ConfigException as error:
        hint = f" (context {context})" if context else ""
        said = f"cannot be used{hint}: {str(error).splitlines()[0]}"
        raise InvalidInput([mistake("connection-invalid", what, said, joint=" ")]) from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        said = f"is not a kubeconfig: {type(error).__name__} while reading it"
        raise InvalidInput([mistake("connection-invalid", what, said, joint=" ")]) from None


def _need_context(found: Sequence[Mapping[str, Any]], context: str | None, what: str) -> None:
    """Raises InvalidInput where a kubeconfig of these files does not have the context, or where none is chosen."""
    names, where = contexts(found), what.removeprefix("kubeconfig ")
    if names and context and context not in names:
        advice = nearest(context, names).strip() or "name one of them, or in kubeconfig the file that has it"
        said = f"there is no '{context}' in {where}, which has {', '.join(names)}"
        raise InvalidInput([mistake("connection-invalid", "context", said, advice, names=_NAMES)])
    if names and not context and not any(each.get("current-context") for each in found):
        said = f"is needed, since {where}, which has {', '.join(names)}, says of none that it is the current one"
        raise InvalidInput([mistake("connection-invalid", "context", said, "name one of them", joint=" ")])


def _load_parsed(found: Mapping[str, Any], folder: Path, context: str | None, into: Mapping[str, Any]) -> None:
    """As the SDK loads a file, which it would parse again, and slowly. Paths in it start at its ``folder``."""
    from kubernetes.config.kube_config import KubeConfigLoader

    make: Any = KubeConfigLoader
    loader = make(
        config_dict=dict(found),
        active_context=context,
        config_base_path=str(folder),
        temp_file_path=into["temp_file_path"],
    )
    loader.load_and_set(into["client_configuration"])


def _override(configuration: Any, settings: Mapping[str, Any]) -> None:
    """What the options say goes before what was loaded."""
    import urllib3

    attributes = {
        "host": settings["host"].rstrip("/") if settings["host"] else None,
        "cert_file": settings["client_cert"],
        "key_file": settings["client_key"],
        "ssl_ca_cert": settings["ca_cert"],
        "verify_ssl": settings["validate_certs"],
        "api_key": {"authorization": f"Bearer {settings['api_key']}"} if settings["api_key"] else None,
        "proxy_headers": urllib3.make_headers(**settings["proxy_headers"]) if settings["proxy_headers"] else None,
        # One connection for each worker, and retries only where they are understood: in Client.
        "connection_pool_maxsize": WORKERS,
        "retries": False,
    }
    missing = [
        mistake("option-file", f"option {name}", f"the file {settings[name]} does not exist")
        for name in ("client_cert", "client_key", "ca_cert")
        if settings[name] and not Path(settings[name]).expanduser().is_file()
    ]
    if missing:
        raise InvalidInput(missing)
    for name, value in attributes.items():
        if value is not None:
            setattr(configuration, name, value)


def _find_proxy(configuration: Any, settings: Mapping[str, Any], cluster: Mapping[str, Any]) -> str:
    """The proxy of the option, of the kubeconfig, or of the environment, and where that was found.

    Releases of the SDK read the two last ones, one of them, or NO_PROXY wrongly, so that none of this is left to it.
    """
    environment, host = getproxies(), str(configuration.host)
    scheme = "http" if host.startswith("http:") else "https"
    given = settings["proxy"] or cluster.get("proxy-url")
    found = str(given or environment.get(scheme) or environment.get("all") or "")
    if found and "://" not in found:
        found = f"http://{found}"
    # A proxy that the kubeconfig names is meant for exactly this cluster.
    without = settings["no_proxy"] or ("" if given else environment.get("no", ""))
    exempt = is_exempt(host, without) or (not given and is_loopback(host))
    configuration.proxy, configuration.no_proxy = None if exempt else found or None, None
    if settings["proxy"]:
        return "option proxy"
    return "proxy-url of the kubeconfig" if given else "the proxy of the environment (HTTPS_PROXY, HTTP_PROXY)"


def _through(make: Any, configuration: Any, where: str) -> Any:
    """The SDK's client, which is the first to look at the proxy; ``where`` that was found."""
    from urllib3.exceptions import HTTPError

    try:
        return make(configuration)
    except ImportError:
        raise MissingLibrary(
            f"{where}: a SOCKS proxy needs the Python library PySocks, which cannot be imported."
        ) from None
    except (HTTPError, ValueError) as error:
        if not configuration.proxy:
            raise
        # Neither message quotes more than host and port.
        advice = "write it as http://host:port"
        raise InvalidInput(
            [mistake("connection-invalid", where, f"cannot be used: {error}", advice, joint=" ")]
        ) from None


def _credentials(
    configuration: Any, headers: Mapping[str, str], settings: Mapping[str, Any], user: Mapping[str, Any]
) -> set[str]:
    """Every form in which this connection proves who it is, as it is now: plugins give new tokens."""
    proxied = configuration.proxy_headers or {}
    in_headers = [*configuration.api_key.values(), headers.get("authorization")]
    in_headers += [value for name, value in proxied.items() if "authorization" in str(name).lower()]
    # Whoever repeats a header may repeat it without its scheme.
    found = [*in_headers, *(str(text).partition(" ")[2] for text in in_headers)]
    found += [settings["api_key"], settings["password"], user.get("token"), user.get("password")]
    found += [urlsplit(str(configuration.proxy or "")).password]
    return {str(text) for text in found if text}


def _identify(api: Any, settings: Mapping[str, Any], user: Mapping[str, Any]) -> None:
    """Basic authentication and impersonation, which the SDK has no setting for."""
    import urllib3

    if settings["username"] and settings["password"] and not settings["api_key"]:
        headers = urllib3.make_headers(basic_auth=f"{settings['username']}:{settings['password']}")
        api.set_default_header("authorization", headers["authorization"])
    asked = {"as": settings["impersonate_user"], "as-groups": settings["impersonate_groups"]}
    acting = impersonation(asked if any(asked.values()) else user)
    if acting and "Impersonate-User" not in dict(acting):
        of_the_task = ("impersonate_groups", "impersonate_user")
        where, user_option = of_the_task if asked["as-groups"] else ("the user of the kubeconfig", "as")
        what = f"acts as groups, a uid or extras of nobody; say as whom ({user_option}) too, or leave them out"
        raise InvalidInput([mistake("connection-invalid", where, what, joint=" ")])
    several = {name for name, _value in acting if [n for n, _v in acting].count(name) > 1}
    for name, value in acting:
        if name not in several:
            api.set_default_header(name, value)
    if several:
        _repeat_headers(api.rest_client.pool_manager, [row for row in acting if row[0] in several])


def _repeat_headers(pool: Any, rows: Sequence[tuple[str, str]]) -> None:
    """Send a header once for each of its values; the SDK would join them, and the server would see one group."""
    import urllib3

    send = pool.request

    def request(method: str, url: str, headers: Mapping[str, str] | None = None, **arguments: Any) -> Any:
        repeated = urllib3.HTTPHeaderDict(headers or {})
        for name, value in rows:
            repeated.add(name, value)
        return send(method, url, headers=repeated, **arguments)

    pool.request = request
