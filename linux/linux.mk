# SPDX-License-Identifier: GPL-2.0-only
# make apply TREE=...: put meminspect into a Linux tree
# make series TREE=...: print it as a series for git am
.PHONY: apply series
apply:
	linux/apply $(TREE)
series:
	linux/format-series $(TREE)
