#!/usr/bin/python
# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bucket_access
short_description: Let components of Thanos into a bucket, with no right too many
version_added: 0.1.0
description:
  - Gives each kind of component what it needs in a bucket, where a bucket can carry that. On V(S3) it is a statement in
    the bucket's policy, on V(SWIFT) an entry of the container's lists, on V(GCS) a binding of the bucket.
  - Returns the same as documents, for the provider's own tools.
  - What others put there is kept. On V(S3) roles that are not named lose their statements for the O(store.prefix);
    elsewhere entries cannot be told from those of others, and only missing ones are added.
author: The o11y.thanos contributors (@o11y-thanos)
extends_documentation_fragment:
  - o11y.thanos.attributes
  - o11y.thanos.objstore.store
notes:
  - On V(SWIFT), whoever may write may delete; it knows no difference.
  - Use either this module or C(grant_to) of an access role in O(store.access) for one bucket and prefix, not both. On
    V(S3) each takes out whom the other one lets in.
  - The upper level of O(store) has to say where the bucket is, with O(store.manage=false) too.
options:
  reader:
    description:
      - Who may list and read, for the store gateway and the bucket UI.
      - As the provider writes it, such as V(arn:aws:iam::123456789012:user/store), V(project:user) on Swift or
        V(serviceAccount:store@project.iam.gserviceaccount.com).
    type: list
    elements: str
    default: []
  writer:
    description:
      - Who may write too, and delete nothing, for sidecar, receive and ruler.
    type: list
    elements: str
    default: []
  compactor:
    description:
      - Who may delete too, for the compactor.
    type: list
    elements: str
    default: []
  state:
    description:
      - With V(absent), the statements of this collection for the O(store.prefix) are removed from a policy of V(S3).
        Where there is no bucket, or none that carries anything, nothing is to be done.
    type: str
    choices: [present, absent]
    default: present
  timeout:
    description:
      - Seconds to wait for an answer, and after writing for the server to show what was written.
    type: int
    default: 60
"""

EXAMPLES = r"""
- name: One user for each kind of component
  o11y.thanos.bucket_access:
    store: "{{ thanos_objstore }}"
    reader: [arn:aws:iam::123456789012:user/thanos-store]
    writer: [arn:aws:iam::123456789012:user/thanos-sidecar]
    compactor: [arn:aws:iam::123456789012:user/thanos-compact]

- name: The documents only
  o11y.thanos.bucket_access:
    store: "{{ thanos_objstore }}"
  register: access
"""

RETURN = r"""
documents:
  description: Role to the least that it needs, in the provider's form; null where the provider has nothing of the kind.
  returned: success
  type: dict
  contains:
    reader:
      description: For the store gateway and the bucket UI.
      type: dict
      sample: {Version: "2012-10-17", Statement: []}
    writer:
      description: For sidecar, receive and ruler.
      type: dict
      sample: {Version: "2012-10-17", Statement: []}
    compactor:
      description: For the compactor.
      type: dict
      sample: {Version: "2012-10-17", Statement: []}
action:
  description: One of V(updated) and V(unchanged); in check mode what would be done.
  returned: success
  type: str
  sample: updated
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
  description: Where the bucket is; empty when nothing was to be written.
  returned: success
  type: str
  sample: s3://metrics at s3.example.org:9000
region:
  description: Region that the server reports; may be empty.
  returned: success
  type: str
  sample: eu-central-1
features:
  description: What the bucket carries of it.
  returned: success
  type: dict
  sample: {}
"""

from ansible_collections.o11y.thanos.plugins.module_utils._ansible import run
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.access_task import BUCKET_ACCESS


def main() -> None:
    """Let components of Thanos into one bucket."""
    run(BUCKET_ACCESS)


if __name__ == "__main__":
    main()
