"""A small report of every format that is not green; words that say how something ended or how bad it is stand in «»."""

from __future__ import annotations

import re

MARKED = re.compile("«([^»]*)»")
TRX = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010"
SAMPLES = {
    "junit": """<testsuites><testsuite name="a" tests="4"><testcase name="fine"/>
<testcase name="bad"><«failure» message="no">text</«failure»></testcase>
<testcase name="broken"><«error»/></testcase><testcase name="said" status="«failed»"/>
<testcase name="also" result="«error»"/></testsuite></testsuites>""",
    "nunit": """<test-run result="«Failed»" total="4" failed="2"><test-suite result="Passed" name="s">
<test-case name="fine" result="Passed"/><test-case name="bad" result="«Failed»"/>
<test-case name="broken" result="«Error»"><failure><message>no</message></failure></test-case>
<test-case name="old" executed="True" success="«False»"/></test-suite>
<test-suite name="torn" result="«Failed»"><test-case name="f" result="Passed"/></test-suite></test-run>""",
    "xunit": """<assemblies><assembly total="3" failed="1"><errors><error type="assembly-cleanup"/></errors>
<collection><test name="fine" result="Pass"/><test name="bad" result="«Fail»"/>
<test name="odd" result="«Broken»"/></collection></assembly></assemblies>""",
    "trx": f"""<TestRun xmlns="{TRX}"><Results><UnitTestResult testName="fine" outcome="Passed"/>
<UnitTestResult testName="bad" outcome="«Failed»"/><GenericTestResult testName="g" outcome="«Timeout»"/></Results>
<ResultSummary outcome="«Failed»"><Counters total="3" failed="1" timeout="1"/></ResultSummary></TestRun>""",
    "gotest-json": """{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestFine"}
{"Action":"«pass»","Package":"p","Test":"TestFine"}
{"Action":"run","Package":"p","Test":"TestBad"}
{"Action":"output","Package":"p","Test":"TestBad","Output":"a_test.go:5: no\\n"}
{"Action":"«fail»","Package":"p","Test":"TestBad"}
{"Action":"«fail»","Package":"p"}
{"Action":"start","Package":"q"}
{"Action":"«fail»","Package":"q"}
""",
    "tap": """TAP version 14
1..4
ok 1 - fine
«not ok» 2 - bad
  ---
  message: no
  ...
# Subtest: group
    1..2
    ok 1 - inside
    «not ok» 2 - inside too
«not ok» 3 - group
«not ok» 4 - later # «skip» it
""",
    "ctrf": """{"reportFormat":"CTRF","results":{"tool":{"name":"x"},"summary":{"tests":3,"failed":1},
"tests":[{"name":"fine","status":"passed"},{"name":"bad","status":"«failed»"},{"name":"odd","status":"«other»"}]}}""",
    "mocha-json": """{"stats":{"suites":1,"failures":1},"tests":[{"title":"a","err":{}},{"title":"b","err":{"message":"no"}}],
"pending":[],"«failures»":[{"title":"b","err":{"message":"no"}}],"«passes»":[{"title":"a","err":{}}]}""",
    "dart-json": """{"protocolVersion":"0.1.1","runnerVersion":"1","type":"start","time":0}
{"suite":{"id":0,"path":"a_test.dart"},"type":"suite","time":0}
{"test":{"id":1,"name":"fine","suiteID":0},"type":"testStart","time":1}
{"testID":1,"result":"«success»","skipped":false,"hidden":false,"type":"testDone","time":2}
{"test":{"id":2,"name":"bad","suiteID":0},"type":"testStart","time":3}
{"testID":2,"error":"no","type":"«error»","time":4}
{"testID":2,"result":"«failure»","skipped":false,"hidden":false,"type":"«testDone»","time":5}
{"testID":1,"error":"late","type":"error","time":6}
{"success":false,"type":"«done»","time":7}
""",
    "rspec-json": """{"version":"3","examples":[{"status":"passed","full_description":"fine"},
{"status":"«failed»","full_description":"bad"}],"summary":{"example_count":2,"failure_count":1}}""",
    "cobertura": """<coverage lines-covered="2" lines-valid="4"><packages><package><classes><class filename="a.py"><lines>
<line number="1" hits="1"/><line number="2" hits="«0»"/><line number="3" hits="«0»"/>
<line number="4" hits="2" branch="true" condition-coverage="«50% (1/2)»"/></lines></class></classes></package></packages>
</coverage>""",
    "coveragepy": """{"meta":{"version":"7.6.0","branch_coverage":true},"files":{"a.py":{"executed_lines":[1,4],
"missing_lines":[2,3],"executed_branches":[[4,5]],"missing_branches":[[4,2]],"summary":{"covered_lines":2,
"num_statements":4}}},"totals":{"covered_lines":2,"num_statements":4}}""",
    "lcov": """TN:
SF:a.c
DA:1,1
DA:2,«0»
DA:13,«0»
BRDA:1,0,0,«-»
BRDA:1,0,1,4
LF:3
LH:1
end_of_record
SF:b.c
DA:1,«0»
end_of_record
""",
    "jacoco": """<report name="r"><package name="p"><sourcefile name="A.java"><line nr="1" mi="0" ci="3" mb="0" cb="0"/>
<line nr="2" mi="2" ci="«0»" mb="«1»" cb="1"/><counter type="LINE" missed="1" covered="1"/></sourcefile></package>
<counter type="LINE" missed="1" covered="1"/></report>""",
    "clover": """<coverage generated="1"><project><file name="a.php"><line num="1" type="stmt" count="1"/>
<line num="2" type="«stmt»" count="«0»"/><line num="3" type="«cond»" truecount="«0»" falsecount="«0»"/></file></project>
</coverage>""",
    "opencover": """<CoverageSession><Modules><Module><Files><File uid="1" fullPath="a.cs"/></Files><Classes><Class><Methods>
<Method><FileRef uid="1"/><SequencePoints><SequencePoint vc="1" sl="1"/><SequencePoint vc="«0»" sl="«2»"/></SequencePoints>
<BranchPoints><BranchPoint vc="«0»" sl="«1»"/></BranchPoints></Method></Methods></Class></Classes></Module></Modules>
</CoverageSession>""",
    "gocover": """mode: «set»
a/a.go:1.10,3.2 2 1
a/a.go:5.10,7.2 2 «0»
a/b.go:1.10,13.2 12 «0»
""",
    "sarif": """{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x","rules":[{"id":"R","defaultConfiguration":
{"level":"«error»"}}]}},"invocations":[{"executionSuccessful":true,"toolExecutionNotifications":[{"level":"«error»"}]}],
"results":[]},{"tool":{"driver":{"name":"y","rules":[{"id":"R","defaultConfiguration":{"level":"«error»"}}]}},"results":[
{"ruleId":"R","kind":"«fail»","baselineState":"«new»","message":{"text":"a"}},
{"ruleId":"S","level":"«error»","suppressions":[{"status":"«rejected»"}],"message":{"text":"b"}}]}]}""",
    "ruff-json": """[{"code":"F401","filename":"a.py","message":"m","severity":"«error»","location":{"row":1,"column":1},
"end_location":{"row":1,"column":3},"fix":null},{"code":"E501","filename":"a.py","message":"n","severity":"«error»",
"location":{"row":2,"column":1},"end_location":{"row":2,"column":3},"fix":null}]""",
    "ruff-format": """Would «reformat»: a.py
Would «reformat»: b.py
2 files would be reformatted, 1 file already formatted
""",
    "mypy-jsonl": """{"file":"a.py","line":1,"column":0,"message":"m","hint":null,"code":"misc","severity":"note"}
{"file":"a.py","line":2,"column":0,"message":"m","hint":null,"code":"assignment","severity":"«error»"}
""",
    "mypy-text": """a.py:1: note: Revealed type is "int"
a.py:2: «error»: Incompatible types  [assignment]
a.py:13: «error»: Incompatible types  [assignment]
Found 2 errors in 1 file (checked 1 source file)
""",
    "pylint-json": """{"messages":[{"type":"«error»","path":"a.py","message":"m","messageId":"E1101","line":1},
{"type":"«fatal»","path":"a.py","message":"m","messageId":"F0001","line":1}],
"statistics":{"messageTypeCount":{"error":1,"fatal":1},"modulesLinted":1}}""",
    "flake8": """a.py:1:1: «E401» multiple imports on one line
a.py:12:80: «E501» line too long
""",
    "bandit-json": """{"errors":[],"generated_at":"t","metrics":{"_totals":{"SEVERITY.HIGH":1},"a.py":{"loc":4}},"results":[
{"filename":"a.py","issue_text":"t","issue_severity":"«HIGH»","test_id":"B1","line_number":1}]}""",
    "pyright-json": """{"version":"1","generalDiagnostics":[{"file":"a.py","severity":"«error»","message":"m"},
{"file":"a.py","severity":"«error»","message":"n"}],"summary":{"filesAnalyzed":1,"errorCount":2,"warningCount":0}}""",
    "eslint-json": """[{"filePath":"a.js","messages":[{"ruleId":"r","severity":2,"message":"m"}],"errorCount":1,"warningCount":0},
{"filePath":"b.js","messages":[{"ruleId":"r","severity":2,"message":"m"}],"errorCount":1,"warningCount":0}]""",
    "clippy-json": """{"reason":"«compiler-message»","package_id":"p","message":{"message":"m","level":"«error»"}}
{"reason":"«compiler-message»","package_id":"p","message":{"message":"n","level":"«error»"}}
{"reason":"«build-finished»","success":false}
""",
    "golangci-json": """{"Issues":[{"FromLinter":"a","Text":"t","Severity":"«error»","Pos":{"Filename":"a.go","Line":1}}],
"Report":{"Linters":[{"Enabled":true}]}}""",
    "gosec-json": """{"Golang errors":{},"Issues":[{"severity":"«HIGH»","rule_id":"G1","details":"d","file":"a.go","line":"1",
"nosec":false}],"Stats":{"files":1,"lines":2,"nosec":0,"found":1},"GosecVersion":"2"}""",
    "yamllint": """a.yaml:1:1: [«warning»] missing document start (document-start)
a.yaml:12:2: [«error»] wrong indentation (indentation)
""",
    "actionlint-json": """[{"message":"m","filepath":"a.yml","line":1,"column":2,"kind":"k"},
{"message":"n","filepath":"a.yml","line":2,"column":2,"kind":"k"}]""",
    "shellcheck-json": """[{"file":"a.sh","line":1,"endLine":1,"column":1,"endColumn":2,"level":"«error»","code":1,"message":"m"},
{"file":"a.sh","line":2,"endLine":2,"column":1,"endColumn":2,"level":"«error»","code":1,"message":"m"}]""",
    "hadolint-json": """[{"code":"DL1","column":1,"file":"Dockerfile","level":"«error»","line":1,"message":"m"}]""",
    "sqlfluff-json": """[{"filepath":"a.sql","violations":[
{"start_line_no":1,"code":"LT01","description":"d","warning":false}]}]""",
    "checkstyle": """<checkstyle><file name="a"><error line="1" severity="«error»" message="m" source="s"/>
<error line="2" severity="«error»" message="m" source="s"/></file></checkstyle>""",
    "pmd": """<pmd version="7"><file name="a"><violation beginline="1" rule="r" priority="«1»">m</violation>
<violation beginline="2" rule="r" priority="«1»">m</violation></file></pmd>""",
    "spotbugs": """<BugCollection version="4"><BugInstance type="A" priority="«1»"/><BugInstance type="B" priority="«1»"/>
<FindBugsSummary total_classes="2" total_bugs="2"/></BugCollection>""",
    "cppcheck": """<results version="2"><cppcheck version="2"/><errors><error id="a" severity="«error»" msg="m">
<location file="a.c" line="1"/></error><error id="b" severity="«error»" msg="m"/></errors></results>""",
    "rdjson": """{"source":{"name":"x"},"diagnostics":[{"message":"m","location":{"path":"a"},"severity":"«ERROR»"},
{"message":"n","location":{"path":"a"},"severity":"«ERROR»"}]}""",
    "rdjsonl": """{"message":"m","location":{"path":"a"},"severity":"«ERROR»"}
{"message":"n","location":{"path":"a"},"severity":"«ERROR»"}
""",
    "gitlab-codequality": """[{"description":"d","check_name":"c","fingerprint":"f","severity":"«major»","type":"«issue»",
"location":{"path":"a","lines":{"begin":1}}}]""",
    "detect-secrets-json": """{"version":"1","plugins_used":[{"name":"p"}],"results":{"a":[{"type":"«Secret»","line_number":1}],
"b":[{"type":"«Secret»","line_number":1}]}}""",
    "lint-text": """a.c:1:1: «error»: no such thing
a.c:12:1: «error»: no such thing [-Werror]
""",
    "pip-audit-json": """{"dependencies":[{"name":"a","version":"1","vulns":[]},
{"name":"b","version":"1","«vulns»":[{"id":"GHSA-1"}]},
{"name":"c","«skip_reason»":"not found"}],"fixes":[]}""",
    "osv": """{"results":[{"source":{},"packages":[{"package":{"name":"a","version":"1"},"vulnerabilities":[{"id":"GHSA-1",
"database_specific":{"severity":"«CRITICAL»"}}],"groups":[{"ids":["GHSA-1"],"max_severity":"«9.8»"}]}]}]}""",
    "cargo-audit": """{"database":{"advisory-count":5},"lockfile":{"dependency-count":9},
"vulnerabilities":{"found":true,"count":1,"list":[{"advisory":{"id":"RUSTSEC-1","package":"a","severity":"«critical»"},"package":{"name":"a","version":"1"}}]}}""",
    "npm-audit": """{"auditReportVersion":2,"vulnerabilities":{"a":{"via":[{"source":1,"title":"t","severity":"«critical»","cvss":
{"score":5.0,"vectorString":null}}]}},"metadata":{"vulnerabilities":{"critical":1,"total":1},"dependencies":{"total":9}}}""",
    "cyclonedx": """{"bomFormat":"CycloneDX","specVersion":"1.5","components":[
{"type":"library","name":"a","version":"1","bom-ref":"a"}],
"vulnerabilities":[{"id":"CVE-1","ratings":[{"severity":"«critical»"}],"analysis":{"state":"«exploitable»"},
"affects":[{"ref":"a"}]}]}""",
}


def plain(name: str) -> str:
    """The sample as its tool writes it."""
    return MARKED.sub(r"\1", SAMPLES[name])


def replaced(name: str, word: str) -> list[str]:
    """The sample with each marked word in turn replaced by `word`; a start and an end tag on one line change together."""
    text = SAMPLES[name]
    found = []
    for mark in MARKED.finditer(text):
        before, after = text[: mark.start()], text[mark.end() :]
        if before.endswith("</"):
            continue
        if before.endswith("<"):
            after = after.replace(f"</{mark[0]}", f"</{word}", 1)
        found.append(MARKED.sub(r"\1", f"{before}{word}{after}"))
    return found
