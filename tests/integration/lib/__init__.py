# SPDX-License-Identifier: Apache-2.0
"""What the integration tests share: see processes.py (programs), pcscd.py (a private pcscd), case.py (the test case to inherit from)."""
