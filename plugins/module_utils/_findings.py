# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A finding: one thing that is wrong, not known yet or as it shall be, and what to do about it.

Mistakes in options, checks before a run, the try of a bucket and verify's report all say what they found in this form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

ERROR, WARNING = "error", "warning"
PASS, PENDING, FAIL = "pass", "pending", "fail"


# Id → what it means, and what to do. Ids are public: users ignore, count and link findings by them. docs/findings.md
# shows this table.
IDS: dict[str, tuple[str, str]] = {
    "option-unknown": (
        "There is no option, key or suboption of this name.",
        "Correct the name; where one is alike, the sentence tells it.",
    ),
    "option-required": ("An option has no value and needs one.", "Give it a value."),
    "option-type": (
        "The value is of another type than the option's, such as a list for a text.",
        "Write the value as the type that the sentence names.",
    ),
    "option-null": ("An entry of a list is null.", "Give it a value, or leave the entry out."),
    "option-choice": ("The value is none of those that the option takes.", "Choose one of those in the sentence."),
    "option-form": (
        "The value does not have the form of the option, such as a duration or a name.",
        "Write it as in the sentence's example.",
    ),
    "option-range": ("The number is too small or too large.", "Stay within the limit in the sentence."),
    "option-conflict": ("Two options exclude each other, or contradict each other.", "Leave one out, or change it."),
    "option-without-effect": ("An option changes nothing beside the others that are set.", "Leave it out."),
    "option-incomplete": ("An option needs another one that is not set.", "Set the other one as well."),
    "option-empty": (
        "A value is empty where that is hardly meant, most likely since a variable is not set.",
        "Give it a value or leave it out.",
    ),
    "option-file": ("A file that an option names cannot be read.", "Give the path of a text file that is readable."),
    "tier-unknown": ("An instance is of a tier that does not exist.", "Name one of the tiers, in its option tier."),
    "instance-name": ("The name of an instance does not have the form of one.", "Rename the instance."),
    "instance-collision": ("Two instances would have one name on the server.", "Rename one, or set its fullname."),
    "instance-too-long": (
        "The name on the server is longer than the pods' labels allow.",
        "Shorten the instance's or the stack's name, or set fullname.",
    ),
    "version-unsupported": ("Thanos of this version is not supported, or known to be bad.", "Take another version."),
    "version-too-old": (
        "An option or key needs a newer Thanos than the one that is deployed.",
        "Raise the version, or leave the option out.",
    ),
    "flag-refused": (
        "An argument in extra_args is none of the tier's flags, is gone, or is set by an option.",
        "Use the option that the sentence names, or leave the argument out.",
    ),
    "rules-invalid": ("A rule file is not one that Thanos loads.", "Correct the file where the sentence says."),
    "jobs-invalid": ("A scrape job is not one that Prometheus loads.", "Correct the job where the sentence says."),
    "rules-source": (
        "A source of rule files is missing, unreadable or gives a name that is there already.",
        "Make the file or ConfigMap, or correct its name.",
    ),
    "file-missing": (
        "A flag, or a scrape job, names a file that the pods do not have.",
        "Name the Secret or ConfigMap with the file in secrets or config_maps.",
    ),
    "tls-secret-missing": (
        "A Secret with certificates is not there, or lacks a key.",
        "Run the playbook deploy, which makes those of a fleet, or make the Secret that the sentence names.",
    ),
    "tls-ca-empty": (
        "A CA file holds no certificate, so that it does not say whom to trust.",
        "Put the CA certificates into the Secret, as PEM.",
    ),
    "tls-one-sided": (
        "Of a querier and a StoreAPI of its stack one speaks TLS and the other does not.",
        "Give both of them TLS, or none; see local_tls of query.",
    ),
    "address-unknown": (
        "The address at which others would reach this cluster cannot be known.",
        "Give it in publish.address, or the right that the sentence names.",
    ),
    "password-plain": (
        "A URL, an argument, a variable or a scrape job holds a credential, which would be plain in diffs and in logs.",
        "Keep it in a Secret, and let a variable of env fill it in, or a job read it from a file.",
    ),
    "rights-missing": (
        "A scrape job asks the API server for what the pods have no right to read.",
        "Bind the role that the sentence tells to the pods' ServiceAccount, and set discovery_rights_granted.",
    ),
    "hashring-order": (
        "Thanos asks the first hashring that takes a tenant, so that another one would never be asked.",
        "List rings with exact names first, then those with globs, narrow ones before wide ones, and the default last.",
    ),
    "hashring-small": (
        "A hashring has fewer ingestors than copies that are written of each sample.",
        "Give it more ingestors, or lower replication_factor.",
    ),
    "labels-equal": (
        "What two pods or instances write could not be told apart, or replicas would not be known as such.",
        "Give each labels of its own, and list the replica label in replica_labels.",
    ),
    "labels-missing": (
        "A Prometheus has no external labels, by which its series and blocks could be told from those of others.",
        "Set them in its configuration: the name of the cluster, and the pod's name.",
    ),
    "prometheus-missing": (
        "The Prometheus that a sidecar is to be beside is not there, or does not answer.",
        "Name one that runs in the namespace of the stack.",
    ),
    "prometheus-owned": (
        "A controller owns the object and would undo what is added to it.",
        "Name what the controller makes it from, as the sentence says.",
    ),
    "prometheus-restart": (
        "A sidecar is added by making each pod anew, which was not allowed.",
        "Set prometheus.restart_prometheus.",
    ),
    "prometheus-unfit": (
        "A Prometheus is run so that a sidecar beside it would not start, or would lose data.",
        "Have its owner change what the sentence names.",
    ),
    "claim-immutable": (
        "Size or storage class differ from those of the claims that exist, which Kubernetes does not change.",
        "Keep the value, or make the claims larger as the sentence says.",
    ),
    "storage-class-missing": (
        "The cluster has no storage class of this name, or no default one.",
        "Name one of those it has.",
    ),
    "delay-too-long": (
        "A store would still read blocks that the compactor deletes.",
        "Make ignore_deletion_marks_delay shorter than the compactor's delete_delay.",
    ),
    "compactor-second": (
        "Two compactors would work on one bucket, and destroy each other's blocks.",
        "Remove or pause one of them.",
    ),
    "objstore-secret-missing": (
        "A Secret with the configuration or a credential of an object store is not there, or lacks the key.",
        "Run the role objstore, or name the Secret and key that somebody else makes.",
    ),
    "cache-secret-missing": (
        "The Secret with the password of a cache is not there, lacks the key, or holds what Thanos cannot read.",
        "Make the Secret, as the module secret does, or correct its name or key.",
    ),
    "objstore-directory": (
        "The object store is a directory that is on no volume of the pods.",
        "Name an object store that pods reach over the network.",
    ),
    "store-invalid": (
        "The options of an object store do not fit its type, or each other.",
        "Correct the option that the sentence names.",
    ),
    "store-missing": (
        "There is no object store of the name that an instance uses, or its name is taken.",
        "Declare it in thanos_objstores, or name another one.",
    ),
    "credential-invalid": (
        "How pods come by their credential is not told in full, or not in one way.",
        "Correct the option that the sentence names.",
    ),
    "certificate-missing": (
        "A Secret with a certificate, its key or a CA is not there, or lacks one of them.",
        "Make the Secret, or put it back from a backup; for a CA of the stack's own, new_ca makes another one.",
    ),
    "certificate-unreadable": (
        "A text or a Secret holds no certificate or key in whole, or a key where only certificates can be.",
        "Give it whole, in PEM form.",
    ),
    "certificate-unfit": (
        "A certificate is out of date, a CA's where none can be or the reverse, or not of its key, name, use or CA.",
        "Have one made that fits, as the sentence says.",
    ),
    "authority-lost": (
        "The Secret with a CA is gone, although certificates of it are in use.",
        "Put it back from a backup, or let new_ca make another one; see docs/tls.md.",
    ),
    "rotation-order": (
        "A step of the rotation of a CA is not due, and would lock somebody out.",
        "Do the step that the sentence names first.",
    ),
    "variable-unknown": (
        "A variable that begins with thanos_ does not exist.",
        "Correct its name; a variable of your own needs another prefix.",
    ),
    "variable-form": (
        "A variable of the inventory is not of the form it has to have.",
        "Write it as the sentence says.",
    ),
    "host-twice": (
        "Two hosts of the inventory are the same stack of one cluster.",
        "Give each its own context or kubeconfig, or another thanos_stack or thanos_namespace.",
    ),
    "cluster-other": (
        "The stack that is to be removed writes the label of another cluster than the one that is named.",
        "Correct the context or kubeconfig, or name the cluster as it was when the stack was deployed.",
    ),
    "grants-apart": (
        "Two object stores are one bucket, and let in different users.",
        "Give all of them the same lists in grant_to.",
    ),
    "fleet-reads": (
        "A name in thanos_reads leads to no host that can be read.",
        "Correct the name, or put the host into the group thanos_edge.",
    ),
    "fleet-unread": (
        "An edge is read by no hub, or a hub reads no edge.",
        "Change the groups or thanos_reads, as the sentence says.",
    ),
    "fleet-cycle": (
        "Queriers would ask each other in a circle, in which a query never ends.",
        "Leave one host out of another one's thanos_reads.",
    ),
    "fleet-depth": ("A hub reads through more than two levels of hubs.", "Let it read the lower hosts itself."),
    "fleet-address": (
        "A hub cannot know where an edge's querier is, or has no querier itself.",
        "Enable the tier query, and publish it by type or address.",
    ),
    "fleet-versions": (
        "Thanos on both ends of a link is more than one minor release apart.",
        "Bring the versions closer.",
    ),
    "fleet-tls": (
        "One end of a link speaks TLS and the other one does not.",
        "Set thanos_fleet_tls alike on both ends.",
    ),
    "fleet-untold": (
        "An edge was told the CA of no hub, and would let in nobody.",
        "Correct what is wrong with the hub, and deploy both in one run.",
    ),
    "fleet-names": ("Two edges of a hub would have one name in their certificates.", "Rename one of the hosts."),
    "connection-invalid": (
        "The options that lead to the cluster are incomplete, or the kubeconfig is of no use.",
        "Correct the option or the file that the sentence names.",
    ),
    "namespace-protected": ("The namespace belongs to Kubernetes and is not deleted.", "Leave delete_namespace out."),
    "secret-items": ("An item of a Secret is incomplete or there twice.", "Give each key once, with value or file."),
    "probe-list": ("Whether pods may list the bucket.", "Give their credential that right; see bucket_access."),
    "probe-read": ("Whether pods may read objects.", "Give their credential that right; see bucket_access."),
    "probe-write": ("Whether pods may write objects.", "Give their credential that right; see bucket_access."),
    "probe-delete": ("Whether pods may delete objects.", "Give their credential that right; see bucket_access."),
    "verify-pods": (
        "Whether all pods are ready, with the image, version and configuration asked for.",
        "Read the pod's events and logs.",
    ),
    "verify-endpoints": ("Whether queriers know every StoreAPI, without errors.", "Read the logs of the querier."),
    "verify-fresh": ("Whether every Prometheus has new samples.", "Look at the scrape options of the sidecar."),
    "verify-dedup": ("Whether replicas are deduplicated.", "Compare replica_labels with the external labels."),
    "verify-cache": ("Whether a query frontend answers from its cache.", "Read the logs of the frontend."),
    "verify-clean": ("Whether queries come without a warning.", "Read the warning; the logs of the querier say more."),
    "verify-history": ("Whether stores serve the blocks of the bucket.", "Read the logs of the store."),
    "verify-bucket": ("Whether the bucket UI has read its bucket.", "Read the logs of the bucket UI."),
    "verify-compactor": ("Whether the compactor works and has not halted.", "Read the logs of the compactor."),
    "verify-rules": ("Whether the rulers have loaded the rules that were given.", "Read the logs of the ruler."),
    "verify-alerts": ("Whether alerts reach Alertmanager.", "Look at the ruler's alertmanagers."),
    "verify-upload": ("Whether blocks reach the bucket.", "Look at the credential of the object store."),
    "verify-hashrings": (
        "Whether routers have loaded the hashrings, and all members of these are ready.",
        "Read the logs of the router, and the line of the check pods.",
    ),
    "verify-tenants": ("Whether each tenant that shall send has new samples.", "Look at what the sender logs."),
}


_USER = re.compile(r"""[^\s'"/]+:[^\s'"]*@""")


@dataclass(frozen=True)
class Finding:
    """``str(finding)`` is a sentence for the user; no field ever holds a secret value.

    ``where`` is an option's path (``instances.store.replicas``), a pod, an object or an access role, ``joint`` what is
    between it and ``what``. ``names`` are whole option paths in ``what`` and ``advice``. ``expected``, ``found`` and
    ``options``, the paths of those that bear on it, are evidence; ``soon`` says of what is pending that waiting a
    little is likely to settle it, ``lasting`` of what failed that waiting will not mend it.
    """

    id: str
    severity: str
    where: str
    what: str
    advice: str = ""
    expected: str = ""
    found: str = ""
    options: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    joint: str = ": "
    soon: bool = False
    lasting: bool = False

    def __post_init__(self) -> None:
        if self.id and self.id not in IDS:
            raise LookupError(f"the id {self.id} is not among IDS")

    def __str__(self) -> str:
        text = f"{self.where}{self.joint if self.where else ''}{self.what}"
        if self.advice:
            # An advice that is a sentence of its own follows a full stop.
            text += f"{'.' if self.advice[0].isupper() else ';'} {self.advice}"
        return text if text.endswith((".", "?", "!")) else f"{text}."

    def beneath(self, path: str) -> Finding:
        """The same in a ``path`` that ``where`` continues, such as ``instances.store.``."""
        return replace(self, where=path + self.where)

    def typed(self, sources: Mapping[str, str]) -> Finding:
        """The same with what the user typed in the place of option paths; see ``source``."""
        what, advice = self.what, self.advice
        for name in self.names:
            typed = source(name, sources)
            what, advice = _renamed(what, name, typed), _renamed(advice, name, typed)
        return replace(self, where=source(self.where, sources), what=what, advice=advice, names=())

    def as_dict(self) -> dict[str, str]:
        """What a failed task returns of it."""
        fields = {"id": self.id, "severity": self.severity, "where": self.where, "what": self.what}
        return {**fields, "advice": self.advice}


def _renamed(text: str, name: str, typed: str) -> str:
    """The text with ``typed`` for an option, but where its name is a part of something else, such as a path."""
    return typed.join(re.split(rf"(?<![\w/.-]){re.escape(name)}(?![\w/-])", text))


# An option of an instance, or of all of them, as it stands in a sentence. Names of labels have slashes.
_OPTION = re.compile(r"(?<![\w/.-])(?:instances|common)\.[^\s:;,()']+")


def retold(sentence: str, sources: Mapping[str, str]) -> str:
    """A warning with what the user typed in the place of the options of instances; see ``source``."""
    return _OPTION.sub(lambda path: source(path[0], sources), sentence)


def mistake(
    id: str, where: str, what: str, advice: str = "", *, joint: str = ": ", names: Iterable[str] = ()
) -> Finding:
    """What the user typed at ``where`` is wrong. What stands before the host of a URL is not quoted: a password may."""
    return Finding(id, ERROR, where, _USER.sub("…@", what), advice, names=tuple(names), joint=joint)


def beneath(path: str, findings: Iterable[Finding]) -> list[Finding]:
    """Each of ``findings`` in a ``path`` that its own continues."""
    return [finding.beneath(path) for finding in findings]


# A name within labels or the like. Nothing is below it, so a dot that follows belongs to a longer name.
_NAME_OF_TEXT = re.compile(r"\.(?:\w*labels|\w*annotations|node_selector)\.")


def source(path: str, sources: Mapping[str, str]) -> str:
    """An option's path with its longest part that ``sources`` (option path → variable path) knows replaced."""
    known = [
        start
        for start in sources
        if path == start or (path.startswith((f"{start}.", f"{start}[")) and not _NAME_OF_TEXT.search(start))
    ]
    longest = max(known, key=len, default="")
    return sources[longest] + path[len(longest) :] if longest else path


def followed(elsewhere: Mapping[str, str], sources: Mapping[str, str]) -> dict[str, str]:
    """Option path → variable path, of ``sources`` and of the options that have their values from ``elsewhere``.

    What layers of variables say below such an option is followed too: each key may come from another layer.
    """
    below: dict[str, dict[str, str]] = {}
    for typed in set(elsewhere.values()):
        below[typed] = {path.removeprefix(typed): of for path, of in sources.items() if path.startswith(f"{typed}.")}
    found = {path: source(typed, sources) for path, typed in elsewhere.items()}
    found |= {f"{path}{rest}": of for path, typed in elsewhere.items() for rest, of in below[typed].items()}
    return {**found, **sources}
