#!/usr/bin/python
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bucket_info
short_description: Show what a bucket is like
version_added: 0.1.0
description:
  - Reads whether a bucket exists, where it is, and every setting of it that matters to Thanos.
author: The o11y.thanos contributors (@o11y-thanos)
extends_documentation_fragment:
  - o11y.thanos.attributes.info
  - o11y.thanos.objstore.store
notes:
  - The upper level of O(store) has to say how the bucket is reached, with O(store.manage=false) too.
requirements:
  - boto3 >= 1.34, for buckets of type V(S3)
  - google-cloud-storage >= 2.14, for V(GCS)
  - azure-storage-blob >= 12.19 (and azure-identity without a key), for V(AZURE)
  - python-swiftclient and keystoneauth1, for V(SWIFT)
options:
  timeout:
    description:
      - Seconds to wait for an answer.
    type: int
    default: 60
"""

EXAMPLES = r"""
- name: Look at the bucket of an object store of the inventory
  o11y.thanos.bucket_info:
    store: "{{ thanos_objstore }}"
  register: bucket

- name: Stop when it keeps old versions
  ansible.builtin.assert:
    that: bucket.features.versioning.value != 'enabled'
"""

RETURN = r"""
exists:
  description: Whether the bucket exists.
  returned: success
  type: bool
  sample: true
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
  description: Where the bucket is.
  returned: success
  type: str
  sample: s3://metrics at s3.example.org:9000
region:
  description: Region that the server reports; empty where it reports none that means something.
  returned: success
  type: str
  sample: eu-central-1
features:
  description: Each feature of the bucket by name; empty when there is no bucket.
  returned: success
  type: dict
  contains:
    state:
      description:
        - V(value) when it is set, V(absent) when it is not, V(unsupported) when the server does not have it and
          V(forbidden) when the credential may not read it.
      type: str
      sample: value
    value:
      description: What it is set to, if it is.
      type: raw
      sample: blocked
    detail:
      description: What the server answered, or the permission that is missing.
      type: str
      sample: ""
"""

from ansible_collections.o11y.thanos.plugins.module_utils._ansible import run
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.task import BUCKET_INFO


def main() -> None:
    """Read one bucket."""
    run(BUCKET_INFO)


if __name__ == "__main__":
    main()
