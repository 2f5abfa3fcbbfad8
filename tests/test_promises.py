"""What the project says of its own safety, and the test that would fail if it were not so.

A statement is found by a few words of it, so that it may be worded anew around them; a statement that is gone, and a
test that is gone, fail here. In the modules that stand at a boundary (:data:`GUARDED`), every sentence of the module's
text that promises something (:data:`PROMISE`) has its line, or is among those that promise no safety (:data:`PLAIN`).
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: File, words of the statement, the test.
PROMISES = [
    # what people read
    ("README.md", "No network, no token, nothing of yours is touched.", "tests/journeys/test_demo.py::test_the_whole_job"),
    ("SECURITY.md", "in a bubblewrap sandbox or in namespaces of their own: without the network, without your files, environment and processes", "tests/clients/test_contained.py::test_a_contained_program_reaches_nothing"),
    ("SECURITY.md", "The record of the proof names which", "tests/upstream/test_prove.py::test_generate_prove"),
    ("SECURITY.md", "the command stops, and `--allow uncontained-scripts` runs them as you", "tests/upstream/test_prove.py::test_where_nothing_contains_them_a_guard_stops_before_any_script_runs"),
    ("SECURITY.md", "counts the processor's time", "tests/clients/test_budget.py::test_waiting_costs_nothing"),
    ("SECURITY.md", "A clone or fetch** is ended beyond 2 GiB", "tests/clients/test_fetched.py::test_a_fetch_that_grows_is_ended"),
    ("SECURITY.md", "of a host's name only its text is judged then", "tests/clients/test_web.py::test_a_private_address_is_not_asked_of_a_proxy_either"),
    ("SECURITY.md", "print its bytes when stdout is not a terminal", "tests/cli/test_output.py::test_nothing_steers_the_terminal"),
    ("SECURITY.md", "`contrib` takes them out of its own process before upstream's scripts start", "tests/clients/test_contained.py::test_tokens_are_gone_from_what_proc_shows"),
    ("docs/guards.md", "it never comes from the environment", "tests/upstream/test_prove.py::test_prove_cannot_be_switched_on_by_the_environment"),
    ("docs/loads.md", "nothing is written under a name that an archive chose", "tests/binaries/test_reading.py::test_a_path_that_leads_out_is_refused"),
    ("contrib/rules/library/gitrepo_address.py", "opens none of these addresses", "tests/cli/test_library_addresses.py::test_an_unknown_host_is_a_finding_and_is_not_opened"),
    # the network
    ("contrib/clients/http.py", "It ends within its deadline plus a second", "tests/clients/test_deadlines.py::test_no_phase_outlasts_the_deadline"),
    ("contrib/clients/http.py", "It reads no more bytes than its limit", "tests/clients/test_http.py::test_larger_than_is_read"),
    ("contrib/clients/http.py", "does not follow a redirect to another origin", "tests/clients/test_web.py::test_a_token_does_not_follow_a_redirect_to_another_origin"),
    ("contrib/clients/http.py", "connected to only if a person named it", "tests/clients/test_http.py::test_a_host_in_a_private_network_that_nobody_named"),
    ("contrib/clients/http.py", "No message contains a token, a user name or the query", "tests/clients/test_http.py::test_no_secret_in_a_message"),
    ("contrib/clients/http.py", "never from https to http, nor to a host of this machine that nobody named", "tests/clients/test_http.py::test_nor_where_a_redirect_leads"),
    ("contrib/clients/wire.py", "one absolute deadline for the name, the connection, TLS and every byte", "tests/clients/test_deadlines.py::test_nor_does_the_look_up_of_a_name"),
    ("contrib/clients/wire.py", "slices short enough for Ctrl+C", "tests/clients/test_deadlines.py::test_ctrl_c_is_heard_while_a_server_is_silent"),
    ("contrib/clients/addresses.py", "may lead to a public host only", "tests/clients/test_http.py::test_a_host_in_a_private_network_that_nobody_named"),
    ("contrib/clients/registry.py", "must be public", "tests/binaries/test_registry.py::test_a_name_in_a_file_leads_to_a_public_registry_alone"),
    ("contrib/clients/waits.py", "one command sleeps no longer than", "tests/clients/test_waits.py::test_all_waits_of_a_command_share_one_bound"),
    ("contrib/clients/ontime.py", "one absolute deadline covers a whole question", "tests/clients/test_ontime.py::test_a_question_ends_by_its_deadline"),
    ("contrib/clients/documents.py", "What is kept is never trusted beyond what the server or the source confirms", "tests/clients/test_http.py::test_a_document_that_has_not_changed"),
    ("contrib/clients/github.py", "has no method that changes anything", "tests/clients/test_github.py::test_every_write_of_a_dry_run_raises"),
    ("contrib/clients/github.py", "every write of which raises", "tests/clients/test_github.py::test_every_write_of_a_dry_run_raises"),
    ("contrib/clients/github.py", "The token, for this GitHub's own addresses only", "tests/clients/test_github.py::test_the_token_goes_to_its_own_host_alone"),
    ("contrib/clients/registry.py", "Whatever has a digest is checked against it", "tests/binaries/test_registry.py::test_a_layer_with_another_digest_is_not_kept"),
    ("contrib/clients/registry.py", "the token goes to that registry alone", "tests/binaries/test_registry.py::test_a_token_stays_with_its_registry"),
    ("contrib/clients/actions.py", "nothing of it is ever written to disk or run", "tests/clients/test_actions.py::test_what_is_not_a_record"),
    # git
    ("contrib/clients/git.py", "Nothing here writes into a repository of the user's", "tests/upstream/test_prove.py::test_it_holds_and_the_repository_is_only_read"),
    ("contrib/clients/git.py", "so no protocol may be used; and whatever is started gets no token", "tests/clients/test_git.py::test_a_repository_s_configuration_starts_no_program"),
    ("contrib/clients/git.py", "What a commit holds and what it comes from is what its id says", "tests/clients/test_git.py::test_a_repository_puts_nothing_in_the_place_of_a_commit"),
    ("contrib/clients/commits.py", "not in its arguments, not in a URL, not in a configuration file", "tests/clients/test_commits.py::test_the_token_is_in_no_argument_configuration_or_trace"),
    ("contrib/clients/commits.py", "so that the same input gives the same commit id everywhere", "tests/clients/test_commits.py::test_the_same_input_is_the_same_commit"),
    # containment
    ("contrib/clients/contained.py", "no network, no process but its own", "tests/clients/test_contained.py::test_a_contained_program_reaches_nothing"),
    ("contrib/clients/contained.py", "nothing of it is left when it ends", "tests/clients/test_contained.py::test_no_process_is_left"),
    ("contrib/clients/contained.py", "Elsewhere there is no containment, and :func:`find` says so", "tests/clients/test_contained.py::test_where_there_is_no_containment_it_is_called_none"),
    ("contrib/clients/launcher.py", "sees the named paths and nothing else of the file system", "tests/clients/test_contained.py::test_a_contained_program_reaches_nothing"),
    ("contrib/clients/launcher.py", "ends what is left of it", "tests/clients/test_contained.py::test_no_process_is_left"),
    ("contrib/upstream/prove.py", "every git that works on a copy that they have touched", "tests/upstream/test_prove.py::test_git_starts_no_program_of_the_copy_where_there_is_no_containment"),
    ("contrib/upstream/prove_world.py", "no token, no home, no configuration of the person's", "tests/upstream/test_prove.py::test_scripts_see_no_token_and_nothing_of_the_persons"),
    ("contrib/clients/isolated.py", "with bounded time and memory", "tests/binaries/test_reading.py::test_a_reader_that_wants_all_memory_is_ended"),
    ("contrib/clients/isolated.py", "A reader that crashes takes nothing with it", "tests/binaries/test_reading.py::test_a_reader_that_crashes_takes_nothing_with_it"),
    ("contrib/clients/libjq.py", "is ended when it takes too long", "tests/clients/test_libjq.py::test_time_is_bounded"),
    ("contrib/clients/libjq.py", "with bounded time and memory", "tests/clients/test_libjq.py::test_memory_is_bounded"),
    ("contrib/clients/libjq.py", "It gets no environment and no search path for modules", "tests/clients/test_libjq.py::test_a_program_knows_nothing_of_the_machine"),
    # readers
    ("contrib/clients/budget.py", "so much time and memory per input, whatever is in it", "tests/clients/test_budget.py::test_memory"),
    ("contrib/values/jsontext.py", "the result is plain data or an error of ours", "tests/values/test_jsontext.py::test_what_is_refused"),
    ("contrib/values/damaged.py", "none of them is a fault of ours", "tests/values/test_damaged.py::test_a_damaged_zip"),
    ("contrib/values/numbers.py", "A whole number in ASCII digits, None for anything else", "tests/values/test_numbers.py::test_what_is_no_number"),
    ("contrib/images/templates.py", "They run sandboxed all the same", "tests/images/test_templates.py::test_templates_cannot_leave_the_sandbox"),
    ("contrib/images/templates.py", "is limited to :data:`MAX_CHARACTERS`", "tests/images/test_templates.py::test_no_text_grows_beyond_the_limit"),
    ("contrib/binaries/archives.py", "Nothing is written under a name that an archive chose", "tests/binaries/test_reading.py::test_a_path_that_leads_out_is_refused"),
    ("contrib/binaries/archives.py", "Symbolic links are not followed", "tests/binaries/test_reading.py::test_links_in_archives_and_directories_are_not_followed"),
    # what leaves
    ("contrib/values/visible.py", "are written out (``\\\\x1b``)", "tests/values/test_visible.py::test_nothing_steers_a_terminal"),
    ("contrib/values/visible.py", "Colours are ours alone", "tests/values/test_visible.py::test_colours_are_ours_alone"),
    ("contrib/values/visible.py", "no line of ours is one by accident", "tests/values/test_visible.py::test_no_line_is_a_command_of_actions"),
    ("contrib/values/visible.py", "never able to do anything", "tests/values/test_visible.py::test_any_text"),
    ("contrib/values/markdown.py", "it says what it says, and does nothing", "tests/values/test_markdown.py::test_any_text"),
    ("contrib/values/markdown.py", "GitHub looks for nothing there", "tests/values/test_markdown.py::test_a_table"),
    ("contrib/values/markdown.py", "every word that GitHub would look up", "tests/values/test_markdown.py::test_a_sentence"),
    ("contrib/values/markdown.py", "A pushed message would call people", "tests/report/test_hostile.py::test_a_commits_message"),
    ("contrib/values/characters.py", "characters that cannot be seen", "tests/rules/test_hidden_characters.py::test_each_character_in_each_place"),
    ("contrib/values/addresses.py", "is reported on its line and never opened", "tests/cli/test_library_addresses.py::test_nothing_is_opened_and_the_check_goes_on"),
    ("contrib/cli/output.py", "there are no others", "tests/cli/test_output.py::test_every_writer_is_known"),
    ("contrib/pulls/rehearse.py", "Text that calls nobody", "tests/pulls/test_rehearse.py::test_a_rehearsal_calls_nobody"),
    ("contrib/pulls/marker.py", "counts only where the pull request is by the person's own account", "tests/pulls/test_scenarios.py::test_s18_a_forged_marker_counts_for_nobody"),
    # what is written
    ("contrib/clients/worktree.py", "nowhere but inside it, through no link", "tests/clients/test_worktree.py::test_no_link_is_followed"),
    ("contrib/clients/worktree.py", "none is ever half a file", "tests/clients/test_journal.py::test_killed_at_every_write"),
    ("contrib/clients/journal.py", "the journal is dropped and nothing is touched", "tests/clients/test_journal.py::test_what_a_person_changed_since_is_left_alone"),
    ("contrib/clients/journal.py", "nothing of ours is ever left in a build context", "tests/clients/test_journal.py::test_killed_at_every_write"),
    # the demo
    ("contrib/sandbox/github.py", "It needs no network, no account and no configuration", "tests/sandbox/test_github.py::test_it_is_gone_when_closed"),
]  # fmt: skip

#: Modules at a boundary.
GUARDED = (
    *(f"contrib/clients/{path.name}" for path in (ROOT / "contrib/clients").glob("*.py")),
    *(f"contrib/values/{name}.py" for name in ("addresses", "characters", "damaged", "jsontext", "markdown", "numbers", "visible")),
    "contrib/cli/output.py", "contrib/images/templates.py", "contrib/binaries/archives.py", "contrib/binaries/msi.py",
    "contrib/upstream/prove.py", "contrib/pulls/marker.py", "contrib/sandbox/github.py",
)  # fmt: skip
PROMISE = re.compile(
    r"\b(?:never|nothing|nobody|whatever|always|alone|only|no (?:more|program|process|token|network|method|environment|login|"
    r"message|line|protocol)|not (?:followed|trusted|believed|opened))\b",
    re.IGNORECASE,
)
#: Sentences that have such a word and promise no safety, by words of them.
PLAIN = (
    "that nobody here wrote", "is only ended with its descendants", "with the standard library alone", "whose import alone takes longer",
    "writes into the cache directory only", "on an input that nobody thought of", "in the main thread alone", "costs the saving alone",
    "are dealt with here and nowhere else", "A backslash alone does not stop GitHub", "Only tables are read", "Formats are told by their first bytes",
    "had shown that it would not", "the command is only a child", "in the place of", "``tests/",
    "whatever git left in them", "Only the main thread can be interrupted everywhere",
)  # fmt: skip


@cache
def said(file: str) -> str:
    """A file's text without what line ends, comments and quotes put between its words."""
    text = (ROOT / file).read_text("utf-8")
    text = re.sub(r'"\s*\n\s*f?"', "", text)
    return re.sub(r"\s+(?:#:?\s+)?", " ", text)


@cache
def names_in(file: str) -> frozenset[str]:
    return frozenset(re.findall(r"^\s*def (test_\w+)", (ROOT / file).read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize(("file", "words", "test"), PROMISES, ids=range(len(PROMISES)))
def test_a_statement_has_its_test(file: str, words: str, test: str) -> None:
    assert words in said(file), f"{file} no longer says so"
    path, _, name = test.partition("::")
    assert name in names_in(path), f"{test} is not there"


@pytest.mark.parametrize("file", GUARDED)
def test_a_promise_of_a_guarded_module_has_its_line(file: str) -> None:
    text = ast.get_docstring(ast.parse((ROOT / file).read_text("utf-8"))) or ""
    mine = [re.sub(r"\s+", " ", words.replace("\\\\", "\\")) for where, words, _ in PROMISES if where == file]
    for sentence in re.split(r"(?<=[.:;])\s+(?=[A-Z`:-])|\n\n", text):
        flat = " ".join(sentence.split())
        if PROMISE.search(flat) and not any(words in flat or flat in words for words in (*mine, *PLAIN)):
            pytest.fail(f"{file} promises without a test: {flat}")
