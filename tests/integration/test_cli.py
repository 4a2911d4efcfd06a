# SPDX-License-Identifier: Apache-2.0
"""The program as a person meets it: exit codes, errors in plain words, help with examples, the manual page."""

import os
import pty
import select
import signal
import sqlite3
import subprocess
import time

from lib.case import IntegrationTest, needs


class Cli(IntegrationTest):
    def run_program(self, *words, stdin="", env=None):
        done = subprocess.run([str(self.binary), *map(str, words)], input=stdin, capture_output=True, text=True, timeout=60,
                              env={**os.environ, **(env or {})})
        return done.returncode, done.stdout, done.stderr

    def assert_fails(self, code, text, *words, **more):
        got, _, errors = self.run_program(*words, **more)
        self.assertEqual(got, code, errors)
        self.assertIn(text, errors)

    def test_apdu_shows_what_goes_by(self):
        code, out, _ = self.run_program("apdu", "00A40004022FE2", "00B000000A")
        self.assertEqual(code, 0)
        self.assertIn("> 00C0000019", out)
        self.assertIn("< 98881201000000000001 9000", out)

    def test_apdu_reads_lines_and_checks_the_last_status(self):
        script = "# EF_ICCID\n00 A4 00 04 02 2F E2\n00 B0 00 00 0A\n"
        self.assertEqual(self.run_program("apdu", "-q", "-", "--expect", "9000", stdin=script)[0], 0)
        self.assert_fails(1, "6A82", "apdu", "00A40004021234", "--expect", "9000")
        self.assertEqual(self.run_program("apdu", "00A40004021234", "--expect", "6Axx")[0], 0)

    def test_t1_answers_at_once(self):
        code, out, _ = self.run_program("apdu", "--t1", "-q", "--raw", "00A40004022FE200")
        self.assertEqual(code, 0)
        self.assertTrue(out.startswith("62") and out.strip().endswith("9000"), out)

    def test_wrong_words_are_usage_errors(self):
        self.assert_fails(2, "not a hexadecimal digit", "apdu", "00Z4")
        self.assert_fails(2, "sim[:PROFILE]", "apdu", "--card", "usb", "00A40004")
        self.assert_fails(2, "", "run", "--cards", "17")
        self.assert_fails(2, "", "frobnicate")
        self.assert_fails(2, "not HOST:PORT", "run", "--vpcd", "here")
        self.assert_fails(2, "cannot read the profile", "run", "--profile", self.directory / "absent.toml")
        self.assert_fails(2, "--trace", "apdu", "--trace", "xml", "00A40004")

    def test_a_mistyped_name_gets_the_nearest_one(self):
        self.assert_fails(2, "unknown subcommand 'rnu'; did you mean 'run'?", "rnu")
        self.assert_fails(2, "unknown subcommand 'regsiter' of 'lwm2m'; did you mean 'register'?", "lwm2m", "regsiter")
        self.assert_fails(2, "unknown option '--crad' of 'apdu'; did you mean '--card'?", "apdu", "--crad", "sim", "00B0")
        self.assert_fails(2, "unknown option '--kyes' of 'list'; did you mean '--keys'?", "gp", "list", "--kyes=a")
        self.assert_fails(2, "'--database' is an option of 'list' and must come after it", "lwm2m", "account", "--database", "s.db", "list")
        self.assert_fails(2, "unknown subcommand 'veryfi'; did you mean 'verify'?", "shell", "-c", "veryfi")
        code, _, errors = self.run_program("frobnicate")
        self.assertEqual(code, 2)
        self.assertNotIn("did you mean", errors)

    def complete(self, typed):
        """What bash offers after `typed` and two tabs, on a terminal."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ.update({"TERM": "dumb", "PS1": "ready> ", "PATH": f"{self.binary.parent}:{os.environ['PATH']}"})
            os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
        seen = b""

        def wait_for(text):
            nonlocal seen
            while text not in seen:
                self.assertTrue(select.select([terminal], [], [], 20)[0], seen)
                seen += os.read(terminal, 4096)

        try:
            wait_for(b"ready> ")
            os.write(terminal, b"source <(uicclab completion bash); bind 'set page-completions off'; echo load''ed\n")
            wait_for(b"loaded\r\n")
            seen = seen[seen.index(b"loaded\r\n") + 8 :]
            wait_for(b"ready> ")
            seen = b""
            os.write(terminal, typed.encode() + b"\t\t\x15echo do''ne\n")  # ^U: the line is not run
            wait_for(b"done\r\n")
            return seen.decode()
        finally:
            os.close(terminal)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def test_bash_completes(self):
        self.assertIn("uicclab lwm2m register", self.complete("uicclab lwm2m regi"))
        offered = self.complete("uicclab gp list --key").split()
        for option in ("--keys", "--key-card", "--key-hex", "--key-version"):
            self.assertIn(option, offered)
        self.assertIn("completion", self.complete("uicclab c").split())

    def test_input_that_never_ends_is_refused(self):
        pipe = self.directory / "pipe"
        os.mkfifo(pipe)
        for command in (["gp", "load"], ["profile", "check"], ["test"], ["lwm2m", "show"], ["fs", "diff", "sim"], ["mcim", "inspect"], ["replay"],
                        ["gp", "list", "--keys"], ["ota", "decode", "--file"]):
            for endless in ("/dev/zero", pipe):
                code, _, errors = self.run_program(*command, endless)
                self.assertEqual(code, 2, (command, errors))
                self.assertIn("not a regular file", errors, command)
        self.assert_fails(2, "it is a directory", "profile", "check", self.directory)

    def test_standard_input_that_never_ends_is_refused(self):
        for words in (["apdu", "-"], ["test", "-"], ["trace", "-"], ["shell"], ["replay", "-"], ["ota", "decode", "-"], ["ota", "send", "--tar", "usim", "--script", "-"],
                      ["lwm2m", "read", "--pin", "prompt"]):
            with open("/dev/zero", "rb") as zero:
                done = subprocess.run([str(self.binary), *words], stdin=zero, capture_output=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 2, (words, done.stderr))
        self.assert_fails(2, "it is a directory", "trace", self.directory)
        self.assert_fails(2, "not a regular file", "ota", "send", "--tar", "usim", "--counters", "/dev/zero", "00A40004023F00")

    def test_input_has_a_limit_for_its_kind(self):
        large = self.directory / "large"
        with open(large, "wb") as file:
            file.truncate(1 << 31)
        self.assert_fails(2, "larger than", "profile", "check", large)
        self.assert_fails(2, "larger than", "test", large)
        self.assert_fails(2, "larger than", "gp", "list", "--keys", large)

    def test_deep_input_is_refused(self):
        deep = "[" * 25000
        (self.directory / "dump.json").write_text('{"files": ' + deep)
        (self.directory / "view.json").write_text('{"objects": ' + deep)
        self.assert_fails(2, "JSON deeper than 64 lists and objects", "fs", "write", "EF.IMSI", "--value", deep)
        self.assert_fails(2, "JSON deeper than 64 lists and objects", "fs", "diff", self.directory / "dump.json", "sim")
        self.assert_fails(1, "JSON deeper than 64 lists and objects", "profile", "import", self.directory / "dump.json")
        self.assert_fails(2, "JSON deeper than 64 lists and objects", "lwm2m", "provision", self.directory / "view.json")

    def test_an_include_tree_has_a_limit(self):
        for i in range(14):
            (self.directory / f"{i}.inc").write_text(f'include "{i + 1}.inc"\ninclude "{i + 1}.inc"\n')
        (self.directory / "14.inc").write_text("# the last\n")
        (self.directory / "tree.script").write_text('include "0.inc"\n')
        self.assert_fails(2, "1000 files at most", "test", self.directory / "tree.script")

    def test_a_secret_has_one_syntax_everywhere(self):
        """The value, hex:, ascii:, env:, file:, prompt. A place that gives nothing costs no try of the card's."""
        (self.directory / "adm").write_text("88888888\n")
        (self.directory / "adm.hex").write_text("hex:3838383838383838\n")
        view = self.directory / "view.toml"
        view.write_text(self.run_program("lwm2m", "read", "--secrets")[1])
        state = self.directory / "card.db"
        forms = ("88888888", "3838383838383838", "hex:3838383838383838", "ascii:88888888", "env:ADM", f"file:{self.directory}/adm",
                 f"file:{self.directory}/adm.hex", "prompt")
        for form in forms:
            provision = ("lwm2m", "provision", view, "--state", state, "--adm", form, "--force")
            code, _, errors = self.run_program(*provision, env={"ADM": "88888888"}, stdin="88888888\n")
            self.assertEqual(code, 0, (form, errors))
            code, _, errors = self.run_program("fs", "write", "EF.IMSI", "080910100000000010", "--pin", f"ADM1={form}",
                                               env={"ADM": "88888888"}, stdin="88888888\n")
            self.assertEqual(code, 0, (form, errors))
        for wrong in ("env:ABSENT", f"file:{self.directory}/absent", "hex:38383", "prompt"):
            code, _, errors = self.run_program("lwm2m", "provision", view, "--state", state, "--adm", wrong)
            self.assertEqual(code, 2, (wrong, errors))
            self.assertEqual(self.run_program("apdu", "--raw", "-q", "--state", state, "0020000A")[1], "63C3\n")
        key = "404142434445464748494A4B4C4D4E4F"
        (self.directory / "keys").write_text(key)
        for form, stdin in ((f"file:{self.directory}/keys", ""), ("env:KEY", ""), ("prompt", key + "\n"), ("hex:" + key, "")):
            code, _, errors = self.run_program("gp", "list", "--keys", form, env={"KEY": key}, stdin=stdin)
            self.assertEqual(code, 0, (form, errors))

    def test_check_show_and_provision_take_the_same_forms(self):
        state = self.directory / "card.db"
        view = self.directory / "bootstrap"
        shown = self.run_program("lwm2m", "read", "--secrets")[1]
        view.write_text(shown)
        code, toml, errors = self.run_program("lwm2m", "show", view, "--secrets", "--format", "toml")
        self.assertEqual(code, 0, errors)
        as_json = self.run_program("lwm2m", "show", view, "--secrets")[1]
        code, _, errors = self.run_program("lwm2m", "provision", view, "--state", state, "--adm", "88888888", "--force")
        self.assertEqual(code, 0, errors)
        content = self.run_program("fs", "cat", "ADF.PKCS15/6432", "--raw", "--state", state)[1].strip().rstrip("F")
        content += "F" * (len(content) % 2)
        for form in (toml, as_json, "\n" + as_json, content, bytes.fromhex(content)):
            view.write_bytes(form if isinstance(form, bytes) else form.encode())
            self.assertEqual(self.run_program("lwm2m", "show", view, "--secrets")[1], as_json, form)
            self.assertNotEqual(self.run_program("lwm2m", "check", view)[0], 2, form)
            code, _, errors = self.run_program("lwm2m", "provision", view, "--state", state, "--adm", "88888888", "--force")
            self.assertEqual(code, 0, (form, errors))

    def test_words_after_dashes_are_not_lost(self):
        script = self.directory / "-.script"
        script.write_text("00A4000C022FE2 -> 6A82\n")
        self.assertEqual(self.run_program("test", "--", script)[0], 1)
        self.assertIn("00B000000A", self.run_program("apdu", "--", "00A40004022FE2", "00B000000A")[1])
        self.assertEqual(self.run_program("readers", "--", "more")[0], 2)

    def test_a_number_does_not_wrap(self):
        for number in ("-1", "18446744073709551616"):
            self.assert_fails(2, "not a number from 0 to", "run", "--seed", number, "--", "true")
        self.assert_fails(2, "not a number from 0 to 4294967295", "run", "--cards", "4294967297", "--", "true")
        self.assertEqual(self.run_program("run", "--seed", "18446744073709551615", "--socket", self.directory / "s", "--", "true")[0], 0)

    def test_an_empty_state_file_is_reported(self):
        state = self.directory / "card.db"
        state.touch(0o600)
        told = f"the state file {state} is empty"
        self.assertIn(told, self.run_program("apdu", "--state", state, "00A40004022FE2")[2])
        self.assertNotIn(told, self.run_program("apdu", "--state", state, "00A40004022FE2")[2])
        self.assertEqual(self.run_program("apdu", "--state", self.directory / "new.db", "00A40004022FE2")[2], "")

    def test_a_shell_may_hand_a_pipe_over(self):
        done = subprocess.run(["bash", "-c", f'"{self.binary}" profile check <("{self.binary}" profile show)'], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_missing_tools_are_reported(self):
        self.assert_fails(3, "no PC/SC service", "readers", env={"PCSCLITE_CSOCK_NAME": str(self.directory / "absent")})
        self.assert_fails(3, "cannot start", "run", "--", "/no/such/program")
        self.assert_fails(3, "", "run", "--socket", "/proc/no/place")

    def test_the_help_of_test_points_to_the_format(self):
        out = self.run_program("test", "--help")[1]
        self.assertIn("docs/script-format.md", out)
        self.assertEqual(self.run_program("test", "-", stdin="00A4000C022FE2 -> 9000\n")[0], 0)

    def test_every_help_has_an_example(self):
        for words in (["run"], ["apdu"], ["readers"], ["doctor"], ["man"], ["profile", "show"], ["profile", "check"],
                      ["ota", "decode"], ["ota", "explain"], ["ota", "por"], ["ota", "send"], ["ota", "smsc"]):
            code, out, _ = self.run_program(*words, "--help")
            self.assertEqual(code, 0)
            self.assertIn("Example:\n  uicclab", out)

    @needs("cmake")
    def test_an_installation_has_the_program_and_its_manual_page(self):
        build = self.binary.parent
        if not (build / "cmake_install.cmake").exists() or not os.access(build, os.W_OK):
            self.skipTest("the program is in no build folder of ours")
        self.tool(["cmake", "--install", build, "--prefix", self.directory, "--component", "program"])
        installed = [path.relative_to(self.directory) for path in self.directory.rglob("*") if path.is_file()]
        self.assertEqual(sorted(map(str, installed)), ["bin/uicclab", "share/bash-completion/completions/uicclab", "share/man/man1/uicclab.1",
                                                          "share/zsh/vendor-completions/_uicclab"])
        page = (self.directory / "share/man/man1/uicclab.1").read_text()
        self.assertEqual(page, self.tool([self.directory / "bin/uicclab", "man"]))

    @needs("man")
    def test_the_manual_page_renders_without_a_warning(self):
        code, page, _ = self.run_program("man")
        self.assertEqual(code, 0)
        (self.directory / "uicclab.1").write_text(page)
        done = subprocess.run(["man", "--warnings", "-l", str(self.directory / "uicclab.1")], capture_output=True, text=True,
                              env={**os.environ, "MANPAGER": "cat", "LC_ALL": "C.UTF-8"})
        self.assertEqual(done.stderr, "")
        self.assertIn("uicclab run", done.stdout)

    def test_a_profile_that_is_shown_is_accepted(self):
        profile = self.directory / "card.toml"
        code, text, _ = self.run_program("profile", "show")
        self.assertEqual(code, 0)
        profile.write_text(text)
        self.assertEqual(self.run_program("profile", "check", "--strict", profile)[0], 0)
        code, out, _ = self.run_program("apdu", "--card", f"sim:{profile}", "00A40004022FE2", "00B000000A")
        self.assertIn("98881201000000000001 9000", out)

    def test_an_error_in_a_profile_names_line_and_key(self):
        text = self.run_program("profile", "show")[1]
        self.assertIn('imsi = "001010000000001"', text)
        profile = self.directory / "card.toml"
        profile.write_text(text.replace('imsi = "001010000000001"', 'imsi = "00101000000000X"'))
        line = 1 + text[: text.index("[identity]")].count("\n")
        code, out, _ = self.run_program("profile", "check", profile)
        self.assertEqual(code, 1)
        self.assertIn(f"card.toml:{line}", out)
        self.assertIn("identity: imsi must have", out)

    def test_state_is_kept_and_belongs_to_its_profile(self):
        state = self.directory / "card.state"
        wrong_pin = "0020000A083030303030303030"
        self.assertIn("63C2", self.run_program("apdu", "-q", "--state", state, wrong_pin)[1])
        self.assertIn("63C2", self.run_program("apdu", "-q", "--state", state, "0020000A")[1])
        profile = self.directory / "card.toml"
        text = self.run_program("profile", "show")[1]
        profile.write_text(text.replace('spn = "uicclab"', 'spn = "another"'))
        code, _, errors = self.run_program("apdu", "--state", state, "--card", f"sim:{profile}", "0020000A")
        self.assertEqual(code, 3, errors)
        self.assertIn("63C2", self.run_program("apdu", "-q", "--state", state, "0020000A")[1])

    def test_a_file_that_is_not_a_state_is_not_changed(self):
        other = self.directory / "other.db"
        with sqlite3.connect(other) as database:
            database.execute("CREATE TABLE mine (x)")
        before = other.read_bytes()
        self.assertEqual(self.run_program("apdu", "--state", other, "00A40004")[0], 3)
        self.assertEqual(other.read_bytes(), before)

    def test_run_ends_with_its_command(self):
        self.assertEqual(self.run_program("run", "--", "sh", "-c", "exit 7")[0], 7)
        code, out, _ = self.run_program("run", "--cards", "3", "--", self.binary, "readers")
        self.assertEqual(code, 0)
        self.assertEqual(out.count("card, ATR 3B"), 3)

    def test_each_reader_has_the_card_of_its_profile(self):
        text = self.run_program("profile", "show")[1]
        paths = []
        for number in ("98881201000000000021", "98881201000000000032"):
            iccid = "".join(number[i + 1] + number[i] for i in range(0, 20, 2))
            paths.append(self.directory / f"{number}.toml")
            paths[-1].write_text(text.replace('iccid = "89882110000000000010"', f'iccid = "{iccid}"'))
            self.assertNotEqual(paths[-1].read_text(), text)
        asked = " && ".join(f"{self.binary} apdu -q --card 'pcsc:uicclab 0{i}' 00A40004022FE2 00B000000A" for i in range(3))
        state = ("--state", self.directory / "cards.state")
        change = [f"{self.binary} ctl --reader {i} set EF.ICCID {i}0 --offset 9 && " for i in range(3)]
        for before, written in (("", False), ("".join(change), True), ("", True)):  # and again from the state
            code, out, errors = self.run_program("run", "--profile", paths[0], "--profile", "default", "--profile", paths[1], *state,
                                                 "--", "sh", "-c", before + asked)
            self.assertEqual(code, 0, errors)
            numbers = [line.removesuffix("9000") for line in out.splitlines() if line.startswith("98")]
            self.assertEqual(numbers, ["98881201000000000021", "98881201000000000001", "98881201000000000032"] if not written else
                             ["98881201000000000000", "98881201000000000010", "98881201000000000020"])
        self.assertEqual(self.run_program("run", "--profile", paths[0], "--profile", paths[1], *state, "--", "true")[0], 3)
        self.assert_fails(2, "one card for each", "run", "--cards", "3", "--profile", paths[0], "--profile", paths[1], "--", "true")
        self.assert_fails(2, "at most 16", "run", *["--profile", "default"] * 17, "--", "true")

    def test_signals_end_the_service_cleanly(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process, env = self.run_service()
            path = env["PCSCLITE_CSOCK_NAME"]
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            os.kill(process.pid, number)
            deadline = time.monotonic() + 10
            while process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.005)
            self.assertEqual(process.poll(), 0, process.output())
            self.assertFalse(os.path.exists(path))

    def test_a_second_service_at_the_same_socket_is_refused(self):
        _, env = self.run_service()
        code, _, errors = self.run_program("run", "--socket", env["PCSCLITE_CSOCK_NAME"])
        self.assertEqual(code, 3)
        self.assertIn(f"a service listens at '{env['PCSCLITE_CSOCK_NAME']}' already; 'uicclab run --socket PATH' serves elsewhere", errors)
        self.assertEqual(self.run_program("readers", env=env)[0], 0)
