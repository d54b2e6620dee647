# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that proves the collection.

A test lies in ``tests/<level>/<subject>/``. The level is what it needs, the subject is the package that it tests:

* ``unit``: this Python and its packages;
* ``integration``: programs that it starts on loopback (API servers, object stores, Thanos; no root);
* ``cluster``: a booted cluster of the testbed (root).

What several of them share is in ``support``. ``testbed`` boots clusters and object stores, ``demo`` is the demo on one,
``tasks`` runs everything, ``benchmarks`` measures.
"""
