# SPDX-License-Identifier: Apache-2.0
"""The commands of the README and of the guides, and the output that they show."""

import os
import re
import subprocess

from lib.cap_file import make_cap
from lib.case import IntegrationTest, needs

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def blocks(path, language):
    with open(os.path.join(TOP, path)) as file:
        return re.findall(rf"```{language}\n(.*?)```", file.read(), re.S)


class Readme(IntegrationTest):
    @needs("opensc-tool")
    def test_the_session_on_the_first_screen_is_what_happens(self):
        shown = blocks("README.md", "console")[0].split("\n", 1)[1].strip()
        got = self.tool([self.binary, "run", "--demo"])
        for line in shown.splitlines():
            self.assertIn(line.strip(), got)

    def test_each_further_line_is_a_command_of_the_program(self):
        lines = [line.split("#")[0].split(">")[0].split() for line in blocks("README.md", "sh")[1].splitlines()]
        self.assertGreater(len(lines), 5)
        for words in lines:
            if not words:
                continue
            self.assertEqual(words[0], "uicclab")
            with self.subTest(line=" ".join(words)):
                if words[1] == "run":
                    self.assert_option_known(words[1:])
                elif "pcsc:Omnikey" in words or words[1] == "doctor":
                    done = subprocess.run([str(self.binary), *words[1:]], capture_output=True, text=True)
                    self.assertIn(done.returncode, (0, 3), done.stderr)
                else:
                    if "mycard.toml" in words:
                        text = self.tool([self.binary, "profile", "show"])
                        (self.directory / "mycard.toml").write_text(text)
                    where = TOP if "tests/script" in words else self.directory
                    done = subprocess.run([str(self.binary), *words[1:]], capture_output=True, text=True, cwd=where)
                    self.assertEqual(done.returncode, 0, done.stderr)

    def assert_option_known(self, words):
        text = self.tool([self.binary, words[0], "--help"])
        for word in words:
            if word.startswith("--"):
                self.assertIn(word, text)


class Sessions(IntegrationTest):
    """Each command runs, in the order of the page, and each line that is shown below it is in what it writes."""

    def test_of_card_management(self):
        make_cap(self.directory / "example.cap")
        (self.directory / "new.keys").write_text("A0A1A2A3A4A5A6A7A8A9AAABACADAEAF\n")
        self.run_page("docs/globalplatform.md", 8)

    def test_of_access_rules(self):
        self.run_page("docs/access-rules.md", 5)

    def test_of_files_and_the_shell(self):
        self.run_page("docs/shell.md", 8)

    def run_page(self, page, least):
        os.symlink(self.binary, self.directory / "uicclab")
        env = {**os.environ, "PATH": f"{self.directory}:{os.environ['PATH']}"}
        sessions = [part for block in blocks(page, "console") for part in block.split("$ ")[1:]]
        self.assertGreater(len(sessions), least)
        for session in sessions:
            command, *shown = session.strip().splitlines()
            done = subprocess.run(["sh", "-c", command], cwd=self.directory, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, timeout=60)
            with self.subTest(command=command):
                self.assertIn(done.returncode, (0, 4), done.stdout)
                for line in shown:
                    self.assertIn(line, done.stdout)


class Traces(IntegrationTest):
    def test_the_tutorial_is_what_happens(self):
        """Each command runs, in the order of the page, and each line that is shown below it is in what it writes."""
        os.symlink(self.binary, self.directory / "uicclab")
        env = {**os.environ, "PATH": f"{self.directory}:{os.environ['PATH']}"}
        sessions = [part for block in blocks("docs/traces.md", "console") for part in block.split("$ ")[1:]]
        self.assertGreater(len(sessions), 8)
        for session in sessions:
            command, *shown = session.strip("\n").splitlines()
            with self.subTest(command=command):
                got = self.tool(["sh", "-c", f"cd {self.directory} && {command}"], env)
                for line in shown:
                    self.assertIn(line, got)


class ProfilesFromElsewhere(IntegrationTest):
    def test_the_session_is_what_happens(self):
        for text in re.split(r"^\$ ", blocks("docs/profiles.md", "console")[0], flags=re.M)[1:]:
            line, shown = text.split("\n", 1)
            with self.subTest(command=line):
                done = subprocess.run([str(self.binary), *line.split()[1:]], cwd=self.directory, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True, timeout=60)
                self.assertEqual(done.returncode, 0, done.stdout)
                for expected in shown.splitlines():
                    self.assertIn(expected, done.stdout)


class OverTheAir(IntegrationTest):
    def test_the_tutorial_is_what_happens(self):
        """Each command of its console blocks, in one folder, gives the output shown below it."""
        for block in blocks("docs/over-the-air.md", "console"):
            commands = re.split(r"^\$ ", block, flags=re.M)[1:]
            self.assertTrue(commands)
            for text in commands:
                line, shown = text.split("\n", 1)
                words = line.split()
                self.assertEqual(words[0], "uicclab")
                with self.subTest(command=line):
                    done = subprocess.run([str(self.binary), *words[1:]], capture_output=True, text=True, cwd=self.directory, timeout=60)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertEqual(done.stdout, shown.strip("\n") + "\n")

    @needs("opensc-tool")
    def test_its_reader_is_served(self):
        line = blocks("docs/over-the-air.md", "sh")[0].split()
        self.assertIn("08 09 10 10 00 00 00 00 10", self.tool([self.binary, *line[1:]]))


class Page(IntegrationTest):
    def follow(self, name, more_env=None):
        """Files are written as the page shows them; each command gives what is shown below it."""
        os.symlink(self.binary, self.directory / "uicclab")
        env = {**os.environ, "PATH": f"{self.directory}:{os.environ['PATH']}", **(more_env or {})}
        with open(os.path.join(TOP, name)) as file:
            page = file.read()
        steps = re.findall(r"```(\S*)(?: (\S+))?\n(.*?)```", page, re.S)
        self.assertTrue(any(language == "console" for language, _, _ in steps))
        for language, path, text in steps:
            if path:
                (self.directory / path).write_text(text)
            for session in re.split(r"^\$ ", text, flags=re.M)[1:] if language == "console" else []:
                command, shown = session.split("\n", 1)
                done = subprocess.run(["sh", "-c", command], cwd=self.directory, env=env, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True, timeout=120)
                with self.subTest(command=command):
                    self.compare(done.stdout.strip(), shown.strip())

    def compare(self, printed, shown):
        """The same lines, except times."""
        self.assertEqual(without_times(printed).strip(), without_times(shown).strip())


class Tutorials(Page):
    def test_a_first_script(self):
        self.follow("docs/first-script.md")

    def test_scripts_in_ci(self):
        self.follow("docs/script-in-ci.md")

    def test_a_toolkit_menu(self):
        self.follow("docs/toolkit-menu.md")

    def test_a_real_reader(self):
        """A card of the PC/SC service takes the place of one in a reader."""
        _, env = self.run_service()
        self.follow("docs/real-reader.md", env)

    def test_a_key_change_is_rehearsed(self):
        self.follow("docs/rehearse-a-key-change.md")


class GbaAndDm(Page):
    def compare(self, printed, shown):
        """The same lines; ... stands for what differs each time."""
        self.assertRegex(printed, "^" + re.escape(shown).replace(r"\.\.\.", ".*") + "$")

    @needs("stat")
    def test_gba_push(self):
        self.follow("docs/gba.md")

    def test_a_dm_bootstrap(self):
        self.follow("docs/oma-dm.md")

    @needs("openssl")
    def test_an_mcim_provisioning(self):
        self.follow("docs/mcim.md")


def without_times(text):
    text = re.sub(r"\d+\.\d ms", "N ms", text)
    return re.sub(r'time="[0-9.]+"', 'time="N"', text)
