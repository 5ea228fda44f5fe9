# Unpacks archives with zipfile. The list has "number, archive, folder" a line; one line of JSON answers each.
import json
import sys
import zipfile

for line in open(sys.argv[1], encoding="utf-8"):
    number, archive, folder = line.rstrip("\n").split("\t")
    try:
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder)
        answer = {"refused": None}
    except Exception as error:
        answer = {"refused": ascii(error)}
    print(json.dumps({"number": int(number), **answer}), flush=True)
