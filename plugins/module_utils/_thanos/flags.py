# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which flags each tier's command has, per Thanos version, from the help of 0.39 to 0.42 and from start-up runs.

Grammar of a word: ``name[:traits][@since][!removed]``; traits: ``b`` boolean (has a ``--no-`` form), ``r`` repeatable,
``h`` hidden from the help. Without ``@`` the flag is in the oldest supported version.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from .._errors import nearest
from .versions import at_least

_TABLE = {
    "sidecar query store compact ruler": """
        auto-gomemlimit.ratio debug.name:h enable-auto-gomemlimit:b http-address http-grace-period http.config
        log.format log.level tracing.config tracing.config-file
    """,
    "query store compact ruler": """
        web.disable-cors:b web.external-prefix web.prefix-header
    """,
    "sidecar query store ruler": """
        grpc-address grpc-grace-period grpc-server-max-connection-age grpc-server-tls-cert
        grpc-server-tls-ciphers:r@0.42 grpc-server-tls-client-ca grpc-server-tls-curves:r@0.42
        grpc-server-tls-key grpc-server-tls-min-version request.logging-config request.logging-config-file
        store.limits.request-samples store.limits.request-series
    """,
    "sidecar store compact ruler": """
        objstore.config objstore.config-file
    """,
    "query compact ruler": """
        web.route-prefix
    """,
    "query store compact": """
        selector.relabel-config selector.relabel-config-file
    """,
    "sidecar compact ruler": """
        hash-func
    """,
    "sidecar store compact": """
        min-time
    """,
    "store compact ruler": """
        data-dir
    """,
    "query compact": """
        deduplication.func
    """,
    "query ruler": """
        alert.query-url enable-feature:r query.default-step query.enable-x-functions:b
    """,
    "ruler sidecar": """
        shipper.allow-out-of-order-uploads:hb shipper.ignore-unequal-block-size:hb
        shipper.skip-corrupted-blocks:hb
    """,
    "sidecar ruler": """
        shipper.meta-file-name shipper.upload-compacted:b shipper.upload-concurrency@0.41
    """,
    "store compact": """
        block-discovery-strategy block-meta-fetch-concurrency bucket-web-label consistency-delay
        disable-admin-operations:b max-time web.disable:b
    """,
    "compact": """
        block-files-concurrency block-viewer.global.sync-block-interval block-viewer.global.sync-block-timeout
        compact.block-max-index-size:h compact.blocks-fetch-concurrency compact.cleanup-interval
        compact.concurrency compact.enable-vertical-compaction:hb compact.progress-interval
        compact.skip-block-with-out-of-order-chunks:hb debug.accept-malformed-index:hb debug.halt-on-error:hb
        debug.max-compaction-level:h deduplication.replica-label:r delete-delay downsample.concurrency
        downsampling.disable:b retention.resolution-1h retention.resolution-5m retention.resolution-raw wait:b
        wait-interval
    """,
    "query": """
        endpoint:r endpoint-group:r endpoint-group-strict:r endpoint-strict:r endpoint.info-timeout:h
        endpoint.sd-config endpoint.sd-config-file endpoint.sd-config-reload-interval
        exemplar.partial-response:hb grpc-client-server-name grpc-client-tls-ca grpc-client-tls-cert
        grpc-client-tls-key grpc-client-tls-min-version@0.42 grpc-client-tls-secure:b
        grpc-client-tls-skip-verify:b grpc-compression grpc.proxy-strategy:h inject-test-addresses:h
        metric-metadata.partial-response:hb query.active-query-path query.auto-downsampling:b
        query.conn-metric.label:r query.default-evaluation-interval query.default-tenant-id
        query.disable-fallback:hb query.distributed-with-overlapping-interval:hb query.dynamic-lookback-delta:hb
        query.enforce-tenancy:b query.instant.default.max_source_resolution:h
        query.lazy-retrieval-max-buffered-responses:h query.lookback-delta query.max-concurrent
        query.max-concurrent-select query.metadata.default-time-range query.mode query.partial-response:b
        query.partition-label:r query.promql-engine query.replica-label:r
        query.telemetry.request-duration-seconds-quantiles:r query.telemetry.request-samples-quantiles:r
        query.telemetry.request-series-seconds-quantiles:r query.tenant-certificate-field query.tenant-header
        query.tenant-label-name query.timeout rule.partial-response:hb selector-label:r
        status.partial-response:hb store.response-timeout store.sd-dns-interval store.sd-dns-resolver:h
        store.sd-files:r store.sd-interval store.unhealthy-timeout target.partial-response:hb
    """,
    "ruler": """
        alert.label-drop:r alert.query-template alert.relabel-config alert.relabel-config-file
        alertmanagers.config alertmanagers.config-file alertmanagers.sd-dns-interval alertmanagers.send-timeout
        alertmanagers.url:r eval-interval for-grace-period for-outage-tolerance grpc-query-endpoint:r label:r
        query:r query.config query.config-file query.http-method query.only-prometheus-params:hb
        query.sd-dns-interval query.sd-dns-resolver:h query.sd-files:r query.sd-interval remote-write.config
        remote-write.config-file resend-delay restore-ignored-label:r rule-concurrent-evaluation rule-file:r
        rule-query-offset tsdb.block-duration tsdb.enable-native-histograms:b@0.40 tsdb.no-lockfile:b
        tsdb.retention tsdb.wal-compression:b
    """,
    "sidecar": """
        prometheus.get_config_interval prometheus.get_config_timeout prometheus.http-client
        prometheus.http-client-file prometheus.ready_timeout prometheus.url reloader.config-envsubst-file
        reloader.config-file reloader.method reloader.process-name reloader.retry-interval reloader.rule-dir:r
        reloader.watch-interval tsdb.path
    """,
    "store": """
        block-sync-concurrency cache-index-header:b chunk-pool-size debug.estimated-max-chunk-size:h
        debug.estimated-max-series-size:h debug.series-batch-size:h ignore-deletion-marks-delay index-cache-size
        index-cache.config index-cache.config-file matcher-cache-size objstore-parquet.config@0.42
        objstore-parquet.config-file@0.42 store.caching-bucket.config:h store.caching-bucket.config-file:h
        store.enable-index-header-lazy-reader:b store.enable-lazy-expanded-postings:b
        store.grpc.downloaded-bytes-limit store.grpc.series-max-concurrency store.grpc.series-sample-limit
        store.grpc.touched-series-limit store.index-header-lazy-download-strategy
        store.index-header-lazy-reader-idle-timeout:h store.index-header-posting-offsets-in-mem-sampling:h
        store.posting-group-max-key-series-ratio sync-block-duration
    """,
}

# Flags older than the table, removed before it begins, that users still carry along: flag → what replaces it.
GONE: dict[str, str] = {
    "store": "the endpoint file (option endpoints)",
    "store-strict": "the endpoint file (option endpoints)",
    "rule": "the endpoint file (option endpoints)",
    "target": "the endpoint file (option endpoints)",
    "metadata": "the endpoint file (option endpoints)",
    "exemplar": "the endpoint file (option endpoints)",
    "log.request.decision": "--request.logging-config-file",
    "debug.advertise-compatibility-label": "nothing: it had no effect any more",
}


# What Thanos does not start with beside a flag or its --…-file, which exclude each other too.
_EXCLUDED: dict[str, set[str]] = {
    "query.config": {"query", "query.sd-files", "grpc-query-endpoint"},
    "alertmanagers.config": {"alertmanagers.url"},
}


@dataclass(frozen=True)
class Flag:
    """One flag of one tier: from which version on (``0.41``), until which, and whether it repeats."""

    since: str
    removed: str
    boolean: bool
    repeatable: bool
    hidden: bool

    def exists_in(self, version: str) -> bool:
        """Whether Thanos ``version`` knows the flag."""
        return at_least(version, self.since) and not (self.removed and at_least(version, self.removed))


@functools.cache
def flags(tier: str) -> dict[str, Flag]:
    """Every flag of a tier's command by name, without dashes."""
    result: dict[str, Flag] = {}
    for tiers, words in _TABLE.items():
        if tier in tiers.split():
            for word in words.split():
                rest, _unused, removed = word.partition("!")
                rest, _unused, since = rest.partition("@")
                name, _unused, traits = rest.partition(":")
                result[name] = Flag(since or "0.39", removed, "b" in traits, "r" in traits, "h" in traits)
    return result


def name_of(argument: str) -> str:
    """``query.timeout`` of ``--query.timeout=2m``."""
    return argument.split("=", 1)[0].removeprefix("--")


def _excluded_by(name: str) -> set[str]:
    stem = name.removesuffix("-file")
    return {stem, f"{stem}-file", *_EXCLUDED.get(stem, ())} - {name}


def problems_of(tier: str, version: str, extra: Sequence[str], rendered: Sequence[str], where: str) -> list[str]:
    """What is wrong with ``extra_args``: unknown, removed or too new flags, those of a wrong form, those that an
    option already sets, and those that exclude another one.

    ``rendered`` are the arguments that the tier renders from its options.
    """
    known = flags(tier)
    set_by_us = {name_of(argument) for argument in rendered}
    if tier == "ruler":
        set_by_us.add("query")  # its addresses are known only when the whole stack is
    problems = []
    for argument in extra:
        name = name_of(argument)
        positive = name.removeprefix("no-")
        plain = positive if name not in known and positive in known and known[positive].boolean else name
        flag = known.get(plain)
        if not argument.startswith("--"):
            problems.append(f"{where}: '{argument}' is not a flag; write it as --name=value.")
        elif flag is None and plain in GONE:
            problems.append(f"{where}: --{plain} was removed from Thanos; use {GONE[plain]} instead.")
        elif flag is None:
            problems.append(f"{where}: the {tier} of Thanos {version} has no flag --{plain}.{nearest(plain, known)}")
        elif not flag.exists_in(version):
            problems.append(
                f"{where}: --{plain} is not in Thanos {version}; it came with {flag.since}"
                + (f" and was removed in {flag.removed}." if flag.removed else ".")
            )
        elif flag.boolean == ("=" in argument):
            problems.append(
                f"{where}: '{argument}': the flag takes no value; write --{plain} or --no-{plain}."
                if flag.boolean
                else f"{where}: '{argument}': the flag needs a value; write --{plain}=value."
            )
        elif plain in set_by_us and not flag.repeatable:
            problems.append(
                f"{where}: --{plain} is already set by an option of this module; change that option instead."
            )
        else:
            given = set_by_us | {name_of(other) for other in extra}
            problems.extend(
                f"{where}: Thanos does not start with --{plain} beside --{other}"
                + (", which an option of this module sets." if other in set_by_us else "; leave one of them out.")
                for other in sorted(_excluded_by(plain) & given)
                if other in set_by_us or plain < other
            )
    return problems
