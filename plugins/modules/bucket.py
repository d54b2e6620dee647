#!/usr/bin/python
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bucket
short_description: Make a bucket that suits Thanos
version_added: 0.1.0
description:
  - Makes a bucket, or brings an existing one to what Thanos needs, and says what differs.
  - It reads first, writes only what differs, and reads again until the server shows it.
  - A bucket is never recreated or moved, and nothing in it is touched unless O(state=absent) with O(force=true).
  - Lifecycle rules, tags and policy statements that somebody else made are kept.
author: The o11y.thanos contributors (@o11y-thanos)
extends_documentation_fragment:
  - o11y.thanos.attributes
  - o11y.thanos.tier.sources
  - o11y.thanos.objstore.store
requirements:
  - boto3 >= 1.34, for buckets of type V(S3)
  - google-cloud-storage >= 2.14, for V(GCS)
  - azure-storage-blob >= 12.19 (and azure-identity without a key), for V(AZURE)
  - python-swiftclient and keystoneauth1, for V(SWIFT)
notes:
  - Buckets of type V(COS), V(ALIYUNOSS), V(BOS), V(OBS) and V(OCI) are not made here; set O(store.manage=false) for
    them. Their Secrets are made all the same.
  - Without O(store.access_key), boto3 looks for a credential itself, as in E(AWS_ACCESS_KEY_ID), a profile or the role
    of the instance.
options:
  state:
    description:
      - Whether the bucket shall exist.
      - V(absent) refuses a bucket that is not empty.
    type: str
    choices: [present, absent]
    default: present
  force:
    description:
      - With O(state=absent), remove a bucket together with its objects, their versions and unfinished uploads.
      - A bucket that holds blocks of Thanos needs O(delete_blocks=true) as well.
      - A bucket with anything outside of O(store.prefix) is kept even so.
    type: bool
    default: false
  delete_blocks:
    description:
      - With O(state=absent) and O(force=true), destroy blocks of Thanos too. This deletes metrics for good.
    type: bool
    default: false
  probe:
    description:
      - Whether to try, once the bucket is as it shall be, what the pods will do with the credentials of O(store).
      - Every access role lists and reads. A writer writes as well, and a compactor, or a credential for all pods, also
        deletes. What may not be done is a failure that names the missing permission.
      - In check mode the credentials only list and read. Otherwise objects named C(.o11y.thanos-probe-…), which Thanos
        does not see, are written beneath O(store.prefix) and removed again by the upper level of O(store).
      - What cannot be known here is V(pending), such as a credential that only the pods have.
      - It is done for a bucket with O(store.manage=false) too. It has no effect with O(state=absent).
    type: bool
    default: false
  timeout:
    description:
      - Seconds to wait for an answer, and after writing for the server to show what was written.
    type: int
    default: 60
"""

EXAMPLES = r"""
- name: A bucket on AWS, with the credential of the environment
  o11y.thanos.bucket:
    store:
      type: S3
      bucket: example-metrics-eu
      endpoint: s3.eu-central-1.amazonaws.com
      region: eu-central-1
      encryption:
        type: SSE-KMS
        kms_key_id: alias/metrics
      tags:
        team: observability

- name: A bucket on a server of one's own, with a private certificate authority
  o11y.thanos.bucket:
    store:
      type: S3
      bucket: metrics
      endpoint: s3.example.org:9000
      ca: files/ca.crt
      access_key: "{{ vault_s3_access_key }}"
      secret_key: "{{ vault_s3_secret_key }}"

- name: The bucket of an object store of the inventory
  o11y.thanos.bucket:
    store: "{{ thanos_objstore }}"

- name: A bucket, if the credential of the pods suffices to work with it
  o11y.thanos.bucket:
    store: "{{ thanos_objstore }}"
    probe: true

- name: Give up a bucket, and the metrics in it
  o11y.thanos.bucket:
    store: "{{ thanos_objstore }}"
    state: absent
    force: true
    delete_blocks: true
"""

RETURN = r"""
action:
  description:
    - One of V(created), V(updated), V(deleted), V(unchanged) and V(unmanaged); in check mode what would be done.
  returned: success
  type: str
  sample: created
type:
  description: Type of the object store.
  returned: success
  type: str
  sample: S3
bucket:
  description: Name of the bucket.
  returned: success
  type: str
  sample: metrics
location:
  description: Where the bucket is; empty when it is not managed.
  returned: success
  type: str
  sample: s3://metrics at s3.example.org:9000
region:
  description: Region that the server reports, else the one that was asked for; may be empty.
  returned: success
  type: str
  sample: eu-central-1
features:
  description:
    - The managed features of the bucket as the server shows them, in check mode as they would be.
    - V(absent) is a feature that is not set, V(forbidden) one that the credential may not read.
  returned: success
  type: dict
  sample:
    public_access: blocked
    versioning: absent
    lifecycle:
      o11y.thanos/abort-incomplete-multipart:
        abort_days: 7
probe:
  description:
    - What the pods of each access role can do with the bucket.
    - A failure is not returned but ends the task.
  returned: success, with O(probe=true)
  type: list
  elements: dict
  contains:
    access:
      description: The access role; V(all) is every role without a credential of its own.
      type: str
      sample: writer
    action:
      description: One of V(list), V(read), V(write) and V(delete).
      type: str
      sample: write
    state:
      description: Either V(pass), or V(pending) for what could not be tried.
      type: str
      sample: pending
    detail:
      description: Why it is pending.
      type: str
      sample: not tried in check mode
"""

from ansible_collections.o11y.thanos.plugins.module_utils._ansible import run
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.probe_task import BUCKET


def main() -> None:
    """Make, change or remove one bucket."""
    run(BUCKET)


if __name__ == "__main__":
    main()
