"""A file of each tool that uses more of its format than the smallest does: places, fixes, notes, summaries."""

from __future__ import annotations

from handlers.quality_gate.formats.findings import (
    bandit,
    cargo,
    eslint,
    flake8,
    golangci,
    gosec,
    mypy,
    pylint,
    pyright,
    ruff,
    ruff_format,
    sarif,
)
from handlers.quality_gate.formats.format import Format

SAMPLES: tuple[tuple[Format, bytes], ...] = (
    (
        sarif.FORMAT,
        (
            b'{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x","rules":[{"id":"r"}]}},"originalUriBaseIds":{"S":{"uri":"file:///s/"}},'
            b'"results":[{"ruleId":"r/1","ruleIndex":0,"level":"note","kind":"fail","message":{"id":"m","arguments":["1"]},"locations":'
            b'[{"physicalLocation":{"artifactLocation":{"uri":"a%20b","uriBaseId":"S","index":0},"region":{"startLine":1,"endColumn":9}}}]}]}]}'
        ),
    ),
    (
        ruff.FORMAT,
        (
            b'[{"code":"F401","end_location":{"column":1,"row":2},"filename":"a","fix":{"applicability":"safe","edits":[{"content":"",'
            b'"location":{"row":1,"column":1},"end_location":{"row":1,"column":2}}]},"location":{"column":1,"row":2},"message":"m"}]'
        ),
    ),
    (
        ruff_format.FORMAT,
        b"--- a.py\n+++ a.py\n@@ -1,2 +1 @@\n-x=1\n x\nWould reformat: b\nio: x\n --> b:1:2\n1 file would be reformatted\n",
    ),
    (
        mypy.JSON_FORMAT,
        b'{"file":"a","line":1,"column":0,"message":"m","hint":null,"code":"c","severity":"error"}\n',
    ),
    (
        mypy.TEXT_FORMAT,
        b"a.py:1:2:3:4: error: m  [c]\na.py: note: n\nFound 1 error in 1 file (checked 2 source files)\n",
    ),
    (
        pylint.FORMAT,
        (
            b'{"messages":[{"type":"fatal","path":"a","message":"m","messageId":"C1","line":1,"column":0,"endLine":null}],'
            b'"statistics":{"messageTypeCount":{"fatal":1},"modulesLinted":1}}'
        ),
    ),
    (flake8.FORMAT, b"a.py:1:2: F401 m\n    x\n2     F401 m\n1\n"),
    (
        bandit.FORMAT,
        (
            b'{"errors":[{"filename":"b"}],"generated_at":"","metrics":{"a":{"loc":1},"_totals":{"nosec":1.0,"SEVERITY.HIGH":2}},"results":'
            b'[{"filename":"a","issue_text":"m","issue_severity":"LOW","line_number":2,"line_range":[2],"code":"2 x"}]}'
        ),
    ),
    (
        pyright.FORMAT,
        (
            b'{"version":"1","generalDiagnostics":[{"file":"a","severity":"error","message":"m","range":{"start":{"line":1,"character":2},'
            b'"end":{"line":1,"character":3}}}],"summary":{"filesAnalyzed":1,"errorCount":1}}'
        ),
    ),
    (
        eslint.FORMAT,
        b'[{"filePath":"a","messages":[{"ruleId":null,"severity":2,"message":"m","line":1}],"errorCount":1,"warningCount":0}]',
    ),
    (
        cargo.FORMAT,
        (
            b'{"reason":"compiler-message","package_id":"p","message":{"message":"m","level":"warning","code":{"code":"c"},"spans":'
            b'[{"file_name":"a","line_start":1,"line_end":1,"column_start":1,"column_end":2,"is_primary":true,"text":[{"text":"x"}]}]}}\n'
            b'{"reason":"build-finished","success":true}\n'
        ),
    ),
    (
        golangci.FORMAT,
        b'{"Issues":[{"FromLinter":"l","Text":"t","Pos":{"Filename":"a","Line":1},"LineRange":{"To":2},"SourceLines":["x"]}],"Report":{}}',
    ),
    (
        gosec.FORMAT,
        b'{"Golang errors":{},"Issues":[{"details":"d","file":"a","line":"1-2","severity":"LOW"}],"Stats":{"files":1,"found":1}}',
    ),
)
