"""Rules for library files, in the order of their catalogue.

The rules of form stand in one table (:mod:`contrib.rules.library.form`); every other rule has a module of
its own, which ends in a ``RULE``. :func:`contrib.rules.library.run.check` runs them.
"""

from __future__ import annotations

from importlib import import_module

from contrib.rules.library.form import table
from contrib.rules.registry import Rule

#: What official-images' CI refuses.
_CI = (
    "from_unreadable",
    "from_platform_flag",
    "from_variable",
    "from_missing",
    "latest_in_tag",
    "sharedtag_duplicate_arch",
    "from_unsupported_arch",
    "from_unsupported_base",
    "constraint_missing",
    "constraint_extra",
    "commit_not_in_gitfetch",
    "tar_modified",
)
#: What history taught.
_HISTORY = (
    "version_skew_in_entry",
    "version_skew_siblings",
    "sharedtag_version_skew",
    "latest_not_highest",
    "alias_not_highest",
    "bare_variant_not_highest",
    "variant_default_differs",
    "latest_on_prerelease",
    "stable_alias_on_prerelease",
    "channel_mixed",
    "prerelease_left",
    "alias_missing",
    "alias_on_wrong_entry",
    "hidden_characters",
    "gitrepo_address",
    "tag_typo",
    "variant_typo",
    "version_order",
    "directory_variant",
    "file_field_missing",
    "suite_directory",
    "directory_version",
    "gitfetch_version",
    "arch_field_partial",
    "arch_field_without_arch",
    "arch_suite_mismatch",
    "gitrepo_copied",
    "windows_arch_missing",
    "constraints_missing",
    "constraint_incomplete",
    "constraint_mismatch",
    "windows_tag_format",
    "windows_tag_doubled_suffix",
    "sharedtags_missing_windows",
    "sharedtags_wrong_windows",
    "sharedtags_single_linux",
    "windows_from",
    "windows_retired_base",
    "alias_dropped",
    "entry_dropped",
    "arch_dropped",
    "tags_moved_alone",
    "old_release_returns",
    "alias_moved_too_early",
    "latest_on_wrong_variant",
    "same_patch_overwritten",
    "version_not_bumped",
    "version_typo",
    "downgrade",
    "wrong_gitcommit",
    "gitfetch_missing",
    "gitfetch_wrong",
    "directory_missing",
    "file_missing",
    "version_mismatch",
    "unsupported_arch",
    "eol_base",
    "gitrepo_typo",
    "gitcommit_not_tag_target",
    "version_bump_missed",
    "upstream_eol",
)
_CONVENTIONS = (
    "alias_ladder",
    "latest_means_default",
    "supported_only",
    "windows_shared",
    "constraint_values",
    "builder_values",
    "arch_subset",
    "file_name",
    "path_not_clean",
)


def _rules(modules: tuple[str, ...]) -> tuple[Rule, ...]:
    return tuple(import_module(f"{__name__}.{module}").RULE for module in modules)


RULES: tuple[Rule, ...] = (*table.RULES, *_rules(_CI), *_rules(_HISTORY), *_rules(_CONVENTIONS))

#: Ids of the rules of form: they hold for the whole file and are run first.
FORM = frozenset(rule.id for rule in table.RULES)
#: Ids of the rules that compare tags and entries with one another, or with those of before.
COMPARING = frozenset(module.replace("_", "-") for module in (*_HISTORY, *_CONVENTIONS))
