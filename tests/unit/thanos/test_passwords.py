# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords in URLs are refused and not quoted; what only looks like one is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput

from .cases import one, render


def scraped(sidecar: dict[str, Any]) -> list[dict[str, Any]]:
    """The jobs of the Prometheus of a sidecar with these options."""
    data = one(render({"sidecar": sidecar}), "ConfigMap", "thanos-sidecar")["data"]
    return list(json.loads(data["prometheus.yml"])["scrape_configs"])


PASSWORDS: list[tuple[str, dict[str, Any], str]] = [
    ("ruler", {"alertmanagers": ["http://u:canary@am:9093"]}, "ruler.alertmanagers[0]: a URL with a password, which"),
    (
        "ruler",
        {"alertmanagers": ["htp://u:canary@am:9093"]},
        "ruler.alertmanagers[0]: '…@am:9093' is not a URL with its",
    ),
    (
        "ruler",
        {"alertmanagers": ["http://u:can/ary@am"]},
        "ruler.alertmanagers[0]: '…@am' is not a URL with its scheme",
    ),
    ("ruler", {"query": ["dns+https://u:canary@query"]}, "ruler.query[0]: a URL with a password, which"),
    ("ruler", {"alert_query_url": "https://u:canary@x"}, "is part of every alert"),
    ("query", {"alert_query_url": "https://u:canary@x"}, "query.alert_query_url: a URL with a password, which"),
    ("query", {"endpoints": ["u:canary@x:1"]}, "'…@x:1' is not an address of a StoreAPI"),
    ("query", {"endpoints": ["http://u:canary@x:1"]}, "'…@x:1' is not an address of a StoreAPI"),
    (
        "store",
        {"env": [{"name": "HTTPS_PROXY", "value": "http://u:canary@p:3128"}]},
        "store.env[0].value: a URL with a",
    ),
    ("ruler", {"extra_args": ["--alertmanagers.url=http://u:canary@am"]}, "ruler.extra_args[0]: a URL with a password"),
    ("ruler", {"alertmanagers": ["http://u:$(P)@am"]}, "there is no variable P for $(P); keep it in a Secret, write "),
    ("compact", {"annotations": {"see": "https://u:canary@x"}}, "compact.annotations.see: a URL with a password"),
    (
        "compact",
        {"annotations": {"see": "https://ghp_canary0123456789@x"}},
        "annotations.see: a URL with a user, which",
    ),
    (
        "ruler",
        {"alertmanagers": ["https://canary@am"]},
        "ruler.alertmanagers[0]: a URL with a user, which may be a token",
    ),
    ("ruler", {"alertmanagers": ["https://canary:@am"]}, "ruler.alertmanagers[0]: a URL with a user, which may be a"),
    ("ruler", {"query": ["dns+https://$(P)@query"]}, "there is no variable P for $(P); keep it in a Secret, write "),
    (
        "sidecar",
        {"prometheus_extra_args": ["--web.external-url=https://u:canary@x"]},
        "leave it out, for nothing fills",
    ),
    ("store", {"env": [{"name": "REDIS_PASSWORD", "value": "canary"}]}, "env[0].value: REDIS_PASSWORD is a credential"),
    ("store", {"env": [{"name": "AWS_SECRET_ACCESS_KEY", "value": "canary"}]}, "keep the whole value in a Secret"),
    ("store", {"env": [{"name": "AZURE_STORAGE_KEY", "value": "canary"}]}, "AZURE_STORAGE_KEY is a credential by its"),
    *(
        ("store", {"env": [{"name": name, "value": value}]}, f"env[0].value: {name}: {part} is a credential that would")
        for name, value, part in (
            ("AZURE_STORAGE_CONNECTION_STRING", "AccountName=a;AccountKey=canary==;EndpointSuffix=x", "AccountKey"),
            (
                "CONNECTION",
                "BlobEndpoint=https://x/;SharedAccessSignature=sv=1&sig=canary",
                "SharedAccessSignature",
            ),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-scope=eu,Authorization=Bearer canary", "Authorization"),
            ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-honeycomb-team=canary", "x-honeycomb-team"),
            ("SETTINGS", "type: S3\nconfig: {secret_key: canary}", "config.secret_key"),
        )
    ),
    ("ruler", {"alertmanagers": ["https://am?token=canary"]}, "a URL with the argument 'token', which is a credential"),
    ("store", {"env": [{"name": "X", "value": "https://x?sig=canary0123456789"}]}, "the argument 'sig', which is a"),
    (
        "sidecar",
        {"remote_write": [{"url": "https://x/push?api_key=canary"}]},
        "remote_write[0].url: a URL with the argument 'api_key', which is a credential by its name and would be plain "
        "in the pods, in diffs and in logs; leave it out, for nothing fills in",
    ),
    (
        "sidecar",
        {
            "remote_write": [{"url": "https://u:$(P)@x"}],
            "env": [{"name": "P", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
        },
        "leave it out, for nothing fills in a value from a Secret there",
    ),
]
DOCUMENTS: list[tuple[str, str, str, str]] = [
    ("store", "store.caching-bucket.config", "type: REDIS\nconfig: {addr: a, password: canary}", "config.password"),
    ("query", "tracing.config", "type: JAEGER\nconfig:\n  password: canary", "config.password"),
    ("query", "tracing.config", "type: OTLP\nconfig: {headers: {X-Api-Key: canary}}", "config.headers.X-Api-Key"),
    ("query", "tracing.config", "type: LIGHTSTEP\nconfig: {access_token: canary}", "config.access_token"),
    (
        "ruler",
        "alertmanagers.config",
        "alertmanagers: [{http_config: {basic_auth: {username: u, password: canary}}}]",
        "alertmanagers[0].http_config.basic_auth.password",
    ),
    (
        "ruler",
        "remote-write.config",
        "remote_write: [{url: 'http://x', authorization: {credentials: canary}}]",
        "remote_write[0].authorization.credentials",
    ),
    ("sidecar", "prometheus.http-client", '{"bearer_token": "canary"}', "bearer_token"),
    ("store", "objstore-parquet.config", "type: S3\nconfig: {secret_key: canary}", "config.secret_key"),
    ("store", "objstore-parquet.config", "type: AZURE\nconfig: {storage_account_key: canary}", "storage_account_key"),
    ("compact", "tracing.config", "type: JAEGER\nconfig: {password: 12}", "config.password"),
    ("query", "tracing.config", "config: {headers: {Authorization: Bearer canary}}", "headers.Authorization"),
    ("query", "tracing.config", "config: {headers: {Authorization: Bearer $(UNKNOWN)}}", "headers.Authorization"),
]
FROM_SECRET = [{"name": "P", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]


@pytest.mark.parametrize(("tier", "options", "sentence"), PASSWORDS, ids=lambda x: str(x)[:60])
def test_password_in_a_url_is_refused_and_not_quoted(tier: str, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        render({tier: options})
    assert sentence in str(raised.value)
    assert "can" not in str(raised.value).replace("cannot", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Basic%20canary"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=canary0123456789 $(P)"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-functions-key=canary0123456789"),
        ("NEXT_AUTH_SECRET", "canary"),
        ("SEE", "https://x?show=1&token=canary"),
        ("SEE", "https://x?X-Amz-Signature=canary0123456789"),
        ("SEE", "https://x?key=0canary1-89ab-cdef-0123-456789abcdef"),
        ("SEE", "http://u:canary0123456789$(P)@x"),
    ],
)
def test_credential_beside_what_is_none_is_refused_and_not_quoted(name: str, value: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        render({"store": {"env": [{"name": name, "value": value}]}})
    assert "would be plain" in str(raised.value)
    assert "canary" not in str(raised.value)


def test_json_in_an_annotation_is_no_url_with_a_password() -> None:
    text = '[{"url":"http://host","mail":"a@b.example"}]'
    assert render({"query": {"pod_annotations": {"x": text}, "annotations": {"x": text}}})


@pytest.mark.parametrize(("tier", "flag", "document", "key"), DOCUMENTS, ids=lambda x: str(x)[:40])
def test_credential_in_a_whole_configuration_is_refused_with_the_flag_of_its_file(
    tier: str, flag: str, document: str, key: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        render({tier: {"extra_args": [f"--{flag}={document}"]}})
    (problem,) = raised.value.problems
    assert problem.startswith(f"instances.{tier}.extra_args[0]: --{flag}: ")
    assert f"{key} is a credential" in problem
    assert f"name that in secrets, and write --{flag}-file=/etc/thanos/secrets/<Secret>/<key> instead" in problem
    assert "canary" not in problem


@pytest.mark.parametrize(
    ("tier", "options"),
    [
        ("ruler", {"alertmanagers": ["https://$(P)@am"]}),
        ("ruler", {"alertmanagers": ["https://u:$(P)@am"]}),
        ("ruler", {"alertmanagers": ["https://am?token=$(P)"]}),
        ("query", {"extra_args": ["--tracing.config=$(P)"]}),
        ("query", {"extra_args": ["--tracing.config={type: OTLP, config: {headers: {Authorization: Bearer $(P)}}}"]}),
        ("compact", {"extra_args": ["--tracing.config={type: JAEGER, config: {password: $(P)}}"]}),
        ("query", {"extra_args": ["--tracing.config={type: OTLP, config: {headers: {Authorization: ApiKey $(P)}}}"]}),
    ],
)
def test_credential_that_a_variable_fills_in_from_a_secret_is_taken(tier: str, options: dict[str, Any]) -> None:
    assert render({tier: {**options, "env": FROM_SECRET}})


@pytest.mark.parametrize(
    "options",
    [
        {"annotations": {"source": "https://team@dev.example/x/_git/y", "clone": "ssh://git@code.example/x"}},
        {"env": [{"name": "GOOGLE_APPLICATION_CREDENTIALS", "value": "/etc/thanos/secrets/google/key.json"}]},
        {"env": [{"name": "AWS_ACCESS_KEY_ID", "value": "thanos"}]},
        {"env": [{"name": "AZURE_STORAGE_CONNECTION_STRING", "value": "AccountName=a;EndpointSuffix=x"}]},
        {"env": [{"name": "OTEL_EXPORTER_OTLP_HEADERS", "value": "x-scope-orgid=eu"}]},
        {"env": [{"name": "OTEL_RESOURCE_ATTRIBUTES", "value": "service.name=x,token_file=/etc/token"}]},
        {"env": [*FROM_SECRET, {"name": "OTEL_EXPORTER_OTLP_HEADERS", "value": "authorization=Bearer $(P)"}]},
        {"annotations": {"see": "https://wiki/x?resourcekey=0-abcdefghij0123456789&token=blue"}},
        {"extra_args": ["--tracing.config={type: OTLP, config: {client_type: grpc, headers: {X-Scope-OrgID: eu}}}"]},
        {"extra_args": ["--tracing.config={type: JAEGER, config: {password: ''}}"]},
        {"extra_args": ["--tracing.config={type: OTLP, config: {headers: {x-partition-key: a, Surrogate-Key: b}}}"]},
        {"extra_args": ["--selector.relabel-config=[{action: drop, source_labels: [a], regex: 'http://.*:.*@.*'}]"]},
        *(
            {"env": [{"name": name, "value": value}]}
            for name, value in (
                *(
                    ("OTEL_EXPORTER_OTLP_HEADERS", f"Authorization={scheme}$(AUTH)")
                    for scheme in ("Basic%20", "Bearer%20", "ApiKey ", "Api-Token ", "Splunk ", "")
                ),
                ("OTEL_EXPORTER_OTLP_HEADERS", "x-partition-key=a,sort-key=production-eu-west-1"),
                ("JAEGER_TAGS", "a=b,token=$(HOSTNAME)"),
                ("JAEGER_TAGS", "a=b,token=$(HOSTNAME)-eu"),
                ("SETTINGS", "config: {password: $(HOSTNAME)}"),
                ("HTTPS_PROXY", "http://u:$(P)@proxy:3128"),
                ("SHOW_PASSWORD", "false"),
                ("API_TOKEN", "Bearer $(HOSTNAME)"),
            )
        ),
        *(
            {"env": [{"name": "SEE", "value": f"https://x?a=b&{argument}"}]}
            for argument in (
                *("include_secrets=false", "show_password=1", "with_token=true", "token=no"),
                *("next_token=abc", "continue_token=abcdefgh12345678", "pageToken=abcdefgh12345678"),
                *("key=production-eu-west-1", "key=k8s.example-2.com.2026-01", "sort_key=abcdefgh12345678"),
            )
        ),
        {"annotations": {"see": "https://grafana/d/x?orgId=1&var-key=abcdefgh12345678"}},
        {"annotations": {"see": "https://production-eu-west-1@dev.example/x"}},
    ],
)
def test_names_of_users_paths_and_tenants_are_no_credentials(options: dict[str, Any]) -> None:
    assert render({"query": options})


@pytest.mark.parametrize("option", ["extra_args", "prometheus_extra_args"])
def test_argument_that_is_no_flag_is_not_quoted_further_than_its_first_word(option: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        render({"sidecar": {option: ["config: canary", "--tracing.config password: canary"]}})
    assert "canary" not in str(raised.value)


def rules(rule: dict[str, Any]) -> dict[str, Any]:
    """The options of a ruler with this one rule."""
    return {"rules": {"a.yaml": {"groups": [{"name": "g", "rules": [{"expr": "vector(1)", **rule}]}]}}}


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({"alert": "x", "annotations": {"runbook_url": "https://u:canary@wiki/x"}}, "annotations.runbook_url"),
        ({"alert": "x", "annotations": {"see": "at https://ghp_canary0123456789@wiki"}}, "annotations.see"),
        ({"record": "x", "labels": {"source": "https://u:canary@wiki/x"}}, "labels.source"),
    ],
)
def test_password_in_a_rule_that_is_part_of_every_alert_is_refused(rule: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        render({"ruler": rules(rule)})
    (problem,) = raised.value.problems
    assert f"rule 0: {place}: a URL with a password or a token" in problem
    assert "canary" not in problem


def test_templates_users_and_expressions_of_rules_are_no_passwords() -> None:
    annotations = {"a": "http://{{ $labels.user }}:{{ $value }}@x", "b": "https://team@dev.example/x"}
    assert render({"ruler": rules({"alert": "x", "annotations": annotations, "expr": 'up{url=~"http://.*:.*@.*"}'})})
