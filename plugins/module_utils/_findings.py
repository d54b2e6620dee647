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
    "rules-source": (
        "A source of rule files is missing, unreadable or gives a name that is there already.",
        "Make the file or ConfigMap, or correct its name.",
    ),
    "file-missing": (
        "A flag, or a scrape job, names a file that the pods do not have.",
        "Name the Secret or ConfigMap with the file in secrets or config_maps.",
    ),
    "password-plain": (
        "A URL or a scrape job holds a credential, which would be plain in the cluster, in diffs and in logs.",
        "Keep it in a Secret, and let a variable of env fill it in, or a job read it from a file.",
    ),
    "rights-missing": (
        "A scrape job asks the API server for what the pods have no right to read.",
        "Bind the role that the sentence tells to the pods' ServiceAccount, and set discovery_rights_granted.",
    ),
    "labels-equal": (
        "What two pods or instances write could not be told apart, or replicas would not be known as such.",
        "Give each labels of its own, and list the replica label in replica_labels.",
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
    "variable-unknown": (
        "A variable that begins with thanos_ does not exist.",
        "Correct its name; a variable of your own needs another prefix.",
    ),
    "variable-form": (
        "A variable of the inventory is not of the form it has to have.",
        "Write it as the sentence says.",
    ),
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
    "verify-clean": ("Whether queries come without a warning.", "Read the warning; the logs of the querier say more."),
    "verify-history": ("Whether stores serve the blocks of the bucket.", "Read the logs of the store."),
    "verify-compactor": ("Whether the compactor works and has not halted.", "Read the logs of the compactor."),
    "verify-rules": ("Whether the rulers have loaded the rules that were given.", "Read the logs of the ruler."),
    "verify-alerts": ("Whether alerts reach Alertmanager.", "Look at the ruler's alertmanagers."),
    "verify-upload": ("Whether blocks reach the bucket.", "Look at the credential of the object store."),
}


_USER = re.compile(r"""[^\s'"/]+:[^\s'"]*@""")


@dataclass(frozen=True)
class Finding:
    """``str(finding)`` is a sentence for the user; no field ever holds a secret value.

    ``where`` is an option's path (``instances.store.replicas``), a pod, an object or an access role, ``joint`` what is
    between it and ``what``. ``names`` are whole option paths in ``what`` and ``advice``. ``expected``, ``found`` and
    ``options``, the paths of those that bear on it, are evidence; ``soon`` says of what is pending that waiting a
    little is likely to settle it.
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
            what, advice = what.replace(name, typed), advice.replace(name, typed)
        return replace(self, where=source(self.where, sources), what=what, advice=advice, names=())

    def as_dict(self) -> dict[str, str]:
        """What a failed task returns of it."""
        fields = {"id": self.id, "severity": self.severity, "where": self.where, "what": self.what}
        return {**fields, "advice": self.advice}


def mistake(
    id: str, where: str, what: str, advice: str = "", *, joint: str = ": ", names: Iterable[str] = ()
) -> Finding:
    """What the user typed at ``where`` is wrong. What stands before the host of a URL is not quoted: a password may."""
    return Finding(id, ERROR, where, _USER.sub("…@", what), advice, names=tuple(names), joint=joint)


def beneath(path: str, findings: Iterable[Finding]) -> list[Finding]:
    """Each of ``findings`` in a ``path`` that its own continues."""
    return [finding.beneath(path) for finding in findings]


def source(path: str, sources: Mapping[str, str]) -> str:
    """An option's path with its longest part that ``sources`` (option path → variable path) knows replaced."""
    known = [start for start in sources if path == start or path.startswith((f"{start}.", f"{start}["))]
    longest = max(known, key=len, default="")
    return sources[longest] + path[len(longest) :] if longest else path
