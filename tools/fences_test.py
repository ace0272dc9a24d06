#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants violations in small trees of its own and expects each fence to name them by file and line."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).parent.resolve()
LICENCE = "// SPDX-License-Identifier: Apache-2.0\n"
HOUSE = """# SPDX-License-Identifier: Apache-2.0
# room(gone PURE) stands in a comment and is no room
room(base PURE)
room(ledger PURE USES base)
room(contracts PURE USES base ledger)
room(consensus PURE USES base)
room(storage USES base ledger LINKS RocksDB::rocksdb-shared)
room(rpc USES base ledger)
room(wallet USES base rpc)
room(node USES base ledger contracts consensus storage rpc)
"""


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("CMakeLists.txt", HOUSE)

    def write(self, path, text):
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        return place

    def run_tool(self, *command, **environment):
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)
        return done.returncode, done.stdout + done.stderr

    def expect(self, tool, *finds):
        """The tool names exactly these finds, each given as the beginning of its line."""
        status, printed = self.run_tool(sys.executable, str(TOOLS / tool), str(self.root))
        lines = printed.splitlines() if status else []
        self.assertEqual(len(lines), len(finds), printed)
        for find in finds:
            self.assertTrue(any(line.startswith(find) for line in lines), f"{find}\nis missing in\n{printed}")


class Rooms(Tree):
    def expect_in(self, path, text, *finds):
        self.write(path, LICENCE + text)
        self.expect("rooms.py", *(f"{path}:{find}" for find in finds))

    def test_a_clean_house_passes(self):
        self.write("lib/base/bytes.hpp", LICENCE + '#include <vector>\n')
        self.write("contracts/law.cpp", LICENCE + '#include "contracts/law.hpp"\n#include "ledger/tx.hpp"\n')
        self.write("lib/storage/a.cpp", LICENCE + "#include <rocksdb/db.h>\n#include <thread>\n#include <sys/stat.h>\n")
        self.write("node/replica.cpp", LICENCE + '#include "consensus/core.hpp"\n#include "contracts/machine.hpp"\n')
        self.write("node/main.cpp", LICENCE + '#include "wallet/cli.hpp"\n')
        self.expect("rooms.py")

    def test_foreign_room(self):
        self.expect_in("lib/ledger/tx.cpp", '#include "ledger/tx.hpp"\n#include "contracts/law.hpp"\n', "3: include")

    def test_a_test_obeys_the_walls_too(self):
        self.expect_in("consensus/core_test.cpp", '#include <fstream>\n#include "ledger/tx.hpp"\n', "3: include")

    def test_only_the_binary_opens_the_command_line(self):
        self.expect_in("node/service.cpp", '#include "wallet/cli.hpp"\n', "2: include")

    def test_include_without_its_room(self):
        self.expect_in("lib/base/bytes.cpp", '#include "bytes.hpp"\n#include "../ledger/tx.hpp"\n', "2: ", "3: ")

    def test_an_include_in_a_comment_is_none(self):
        self.expect_in("lib/base/bytes.cpp", '// #include "ledger/tx.hpp"\n/*\n#include "node/x.hpp"\n*/\n')

    def test_meeting_place(self):
        both = '#include "consensus/core.hpp"\n#include "contracts/machine.hpp"\n'
        self.expect_in("node/service.cpp", both, "3: consensus and contracts meet")

    def test_order_of_the_rooms(self):
        self.write("CMakeLists.txt", "room(base PURE USES ledger)\nroom(ledger)\nroom(law PURE USES ledger)\n")
        self.expect("rooms.py", "CMakeLists.txt:1: room base uses", "CMakeLists.txt:1: room base is PURE",
                    "CMakeLists.txt:1: room law is PURE")

    def test_headers_of_the_world(self):
        for header in ("chrono", "random", "thread", "mutex", "unordered_map", "unordered_set", "filesystem", "fstream",
                       "iostream", "ctime", "time.h", "sys/socket.h", "unistd.h"):
            with self.subTest(header):
                self.expect_in("lib/ledger/state.hpp", f"#include <map>\n#include <{header}>\n", "3: include")

    def test_words_of_the_world(self):
        for line in ("double rate = 1;", "float f();", "auto h = std::hash<int>{}(1);", "int n = rand();",
                     "thread_local int n;", "auto t = std::time(nullptr);", "static int count = 0;",
                     "static std::map<int, int> cache;", "static char const* name = nullptr;", "static int n{};"):
            with self.subTest(line):
                self.expect_in("consensus/core.cpp", f"void f() {{\n  {line}\n}}\n", "3: ")

    def test_innocent_words(self):
        innocent = ['// a double rand() in a comment', 'auto s = "float rand(";', 'char c = \'"\'; int x = 1\'000;',
                    'static constexpr int max = 3;', 'static Bytes make();', 'static_assert(true);',
                    'static char const* const name = "";', 'auto operand(int);', 'auto r = R"(double)";',
                    'static std::array<int, 2> const both = {1, 2};', 'int floating = 0;', 'doubled();']
        self.expect_in("consensus/core.cpp", "\n".join(innocent) + "\n")
        self.expect_in("node/clock.cpp", "double now = 0;\nstatic int n;\n")

    def test_libraries_stay_in_their_files(self):
        self.expect_in("rpc/json.hpp", "#include <nlohmann/json.hpp>\n", "2: include")
        self.write("rpc/json.hpp", LICENCE)
        self.expect_in("node/pool.hpp", "#include <boost/unordered/unordered_flat_map.hpp>\n", "2: include")
        self.write("node/pool.hpp", LICENCE)
        self.expect_in("rpc/server.cpp", "#include <nlohmann/json.hpp>\n#include <boost/beast.hpp>\n", "2: include")
        self.write("rpc/server.cpp", LICENCE)
        self.expect_in("lib/ledger/tx.cpp", "#include <rocksdb/db.h>\n", "2: RocksDB")
        self.write("lib/ledger/tx.cpp", LICENCE + "#include <fmt/format.h>\n#include <gtest/gtest.h>\n")
        self.expect("rooms.py", "lib/ledger/tx.cpp:2: include <fmt", "lib/ledger/tx.cpp:3: include <gtest")

    def test_a_library_in_one_file_too_many(self):
        self.write("lib/storage/a.cpp", LICENCE + "#include <rocksdb/db.h>\n#include <rocksdb/options.h>\n")
        self.expect("rooms.py")
        self.expect_in("lib/storage/b.cpp", "\n#include <rocksdb/db.h>\n", "3: RocksDB")


class Style(Tree):
    def expect_in(self, path, text, *finds):
        self.write(path, text)
        self.expect("style.py", *(f"{path}:{find}" for find in finds))

    def test_licence_line(self):
        self.expect_in("tools/a.py", "#!/usr/bin/env python3\n# SPDX-License-Identifier: Apache-2.0\n")
        self.expect_in("docs/a.md", "<!-- SPDX-License-Identifier: Apache-2.0 -->\n# A\n")
        self.write("a.json", "{}")
        self.write("a.png", "")
        self.expect_in("lib/base/a.hpp", "#pragma once\n", "1: the licence line")

    def test_lengths(self):
        self.expect_in("a.cpp", LICENCE + "// " + "ü" * 117 + "\n")
        self.expect_in("a.cpp", LICENCE + "// " + "x" * 118 + "\n", "2: 121 characters")
        self.expect_in("a.cpp", LICENCE + "//\n" * 599)
        self.expect_in("a.cpp", LICENCE + "//\n" * 600, "601: 601 lines")
        self.expect_in("a.cpp", LICENCE + "//\n" * 10)
        self.expect_in("a.md", "<!-- SPDX-License-Identifier: Apache-2.0 -->\n" + "word " * 100 + "\n")

    def test_functions(self):
        heads = ["int f(int a)", "template <class T>\nauto A<T>::f(T const& a) const -> std::vector<T>",
                 "namespace {\nstruct S {\n  S(int a) : a_(a)", "TEST(Room, does)", "class A {\n  int f() noexcept"]
        for head in heads:
            closing = "}\n" * (1 + head.count("{"))
            first = 2 + head.count("\n")
            with self.subTest(head):
                body = "  if (a) { b(); }\n" * 68
                self.expect_in("a.cpp", f"{LICENCE}{head} {{\n{body}{closing}")
                self.expect_in("a.cpp", f"{LICENCE}{head} {{\n{body}\n{closing}", f"{first}: a function of 71 lines")
        self.expect_in("a.cpp", LICENCE + "struct A {\n" + "  int f(int);\n" * 100 + "};\n")
        python = "# SPDX-License-Identifier: Apache-2.0\ndef f():\n" + "    pass\n" * 70
        self.write("a.cpp", LICENCE)
        self.expect_in("a.py", python, "2: a function of 71 lines")

    def test_words(self):
        for line in ("A genuine scarf", "Authenticity", "正品", "see /work/main/x", "cd /root/x", "TODO later", "FIXME",
                     "TEST(A, DISABLED_b)"):
            with self.subTest(line):
                self.expect_in("a.cpp", f"{LICENCE}//\n// {line}\n", "3: ")
        self.expect_in("a.cpp", LICENCE + "// authenticated at https://x.org/work/ in ./work/ under build/root/x\n")


class Symbols(Tree):
    def expect_in(self, source, *finds):
        self.write("a.cpp", source)
        object_file, archive = str(self.root / "a.cpp.o"), str(self.root / "liba.a")
        compile_it = ["g++", "-std=c++20", "-O1", "-fPIC", "-c", str(self.root / "a.cpp"), "-o", object_file]
        subprocess.run(compile_it, check=True)
        subprocess.run(["ar", "rcs", archive, object_file], check=True)
        status, printed = self.run_tool(sys.executable, str(TOOLS / "symbols.py"), archive)
        self.assertEqual(status, 1 if finds else 0, printed)
        for find in finds:
            self.assertIn(f"liba.a(a.cpp.o): {find}", printed)

    def test_values_and_functions_pass(self):
        self.expect_in('char const* const names[] = {"a"};\nint f() { return *names[0]; }')

    def test_calls_into_the_world(self):
        self.expect_in("#include <ctime>\nlong f() { return time(nullptr); }\n", "calls time")
        self.expect_in("#include <chrono>\nauto f() { return std::chrono::steady_clock::now(); }", "calls std::chrono")
        self.expect_in('#include <cstdio>\nvoid f() { fopen("a", "r"); }\n', "calls fopen")

    def test_state(self):
        self.expect_in("int f() {\n  static int n = 0;\n  return ++n;\n}\n", "holds f()::n, which can change")
        self.expect_in("namespace {\nint n = 7;\n}\nint f() { return ++n; }\n", "holds (anonymous namespace)::n")


class Skips(Tree):
    def expect_run(self, tests, status, *words, **environment):
        self.write("CTestTestfile.cmake", tests)
        done, printed = self.run_tool(str(TOOLS / "run_ctest.sh"), str(self.root), **{"CI": "", **environment})
        self.assertEqual(done, status, printed)
        for word in words:
            self.assertIn(word, printed)

    def test_skips(self):
        self.expect_run('add_test(a "true")\n', 0, "100% tests passed")
        self.expect_run('add_test(a "false")\n', 1, "0% tests passed")
        self.expect_run("", 1, "No tests were found")
        case = 'add_test(a "sh" "-c" "yes x | head -n 9000; echo \'[  SKIPPED ] Room.case (0 ms)\'")\n'
        self.expect_run(case, 0, "Did not run:\n  Room.case\n")
        self.expect_run(case, 1, "Did not run:\n  Room.case\n", CI="true")
        whole = 'add_test(a "true")\nset_tests_properties(a PROPERTIES DISABLED TRUE)\nadd_test(b "true")\n'
        self.expect_run(whole, 0, "Did not run:\n  a\n")
        self.expect_run(whole, 1, "Did not run:\n  a\n", CI="true")
        coded = 'add_test(a "sh" "-c" "exit 77")\nset_tests_properties(a PROPERTIES SKIP_RETURN_CODE 77)\n'
        self.expect_run(coded, 1, "Did not run:\n  a\n", CI="true")
        self.expect_run('add_test(a "echo" "# skipped 2")\n', 1, "node test runner: skipped 2", CI="true")
        self.expect_run('add_test(a "echo" "# skipped 0")\n', 0, CI="true")


class Door(Tree):
    def test_usage(self):
        door = str(TOOLS.parent / "dev")
        status, printed = self.run_tool(door, "help")
        self.assertEqual(status, 0)
        self.assertEqual(self.run_tool(door), (0, printed))
        verbs = re.findall(r"^  (\w+)", printed, re.MULTILINE)
        self.assertIn("test", verbs)
        for command in (["unheard-of"], ["test", "--slow"], ["lint", "x"], ["build", "x"], ["setup", "x"]):
            status, printed = self.run_tool(door, *command)
            self.assertEqual(status, 2, printed)
            self.assertIn("usage: ./dev <verb>", printed)
            self.assertNotIn("\033", printed)

    def test_programs_say_what_they_take_without_being_built(self):
        """The real script in a tree that holds nothing to build."""
        place = self.write("dev", (TOOLS.parent / "dev").read_text(encoding="utf-8"))
        place.chmod(0o755)
        for verb in ("sim", "soak", "join", "bench", "gym"):
            path = f"tests/{verb}/main.cpp"
            self.write(path, (TOOLS.parent / path).read_text(encoding="utf-8"))
            status, printed = self.run_tool(str(self.root / "dev"), verb, "--help")
            self.assertEqual(status, 0, printed)
            self.assertTrue(printed.startswith(f"usage: tally_{verb} "), printed)
            self.assertNotIn('"', printed)
            self.assertNotIn("\\n", printed)
            self.assertTrue(printed.endswith("\n"), printed)

    def test_states_of_the_walks_are_shown(self):
        log = self.write(
            "build/Testing/Temporary/LastTest.log",
            """1/3 Testing: other
R1 off                                   45 states,        999 transitions: no walk
<end of output>
2/3 Testing: explore
R1 off                                   45 states,        999 transitions,  1 states of one,  1 compared,  1.0 s: fork
<end of output>
3/3 Testing: spin
simplex      12345 states  found  -DVIEWS=2 -DNO_R1
<end of output>
""",
        )
        source = (TOOLS.parent / "dev").read_text(encoding="utf-8")
        function = re.search(r"^states\(\) \{.*?^\}", source, re.MULTILINE | re.DOTALL).group()
        status, printed = self.run_tool("bash", "-c", f"{function}\nstates {log.parent.parent.parent}")
        self.assertEqual(status, 0, printed)
        lines = [line.split() for line in printed.splitlines()]
        self.assertEqual(
            lines,
            [
                "explore R1 off 45 states fork".split(),
                "spin simplex -DVIEWS=2 -DNO_R1 12345 states found".split(),
            ],
        )

    def test_a_phase_shows_why_it_failed(self):
        """The real script in a tree whose sources break a rule."""
        for path in ("dev", "tools/rooms.py", "tools/style.py", "tools/cpp_text.py", "tools/format.sh"):
            place = self.write(path, (TOOLS.parent / path).read_text(encoding="utf-8"))
            place.chmod(0o755)
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)
        self.write("lib/ledger/tx.cpp", LICENCE + '#include "node/main.hpp"\n')
        status, printed = self.run_tool(str(self.root / "dev"), "lint")
        self.assertEqual(status, 1, printed)
        self.assertIn('lib/ledger/tx.cpp:2: include "node/main.hpp": room ledger may use base', printed)
        self.assertIn("build/log/lint.log", printed)
        self.write("lib/ledger/tx.cpp", LICENCE + '#include "ledger/tx.hpp"\n')
        self.write(".gitignore", "# SPDX-License-Identifier: Apache-2.0\n/build/\n__pycache__/\n")
        status, printed = self.run_tool(str(self.root / "dev"), "lint")
        self.assertEqual(status, 0, printed)
        self.assertRegex(printed, r"^  ok  lint        walls, measures, format {30,}\d\.\d s\n$")


if __name__ == "__main__":
    unittest.main()
