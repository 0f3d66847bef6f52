"""Tells what a signed PDF has lost of its original, with pikepdf.

Reads one JSON object a line, {"before", "after", "password"}, and answers with
one: {"opens": bool, "lost": [text...], "error": text}. "opens" says whether the
original opens and has a page; "error" that the signed one does not.

An incremental signature may change the catalog's and a page's list, the form,
and the signed field, add to the lists of the structure tree, and add objects.
Everything else must be as it was.
"""

import base64
import json
import sys

import pikepdf

MAX_OBJECTS = 20000
MAX_LOST = 8
# Keys that a signature adds or extends.
CATALOG = {"/AcroForm", "/Extensions", "/DSS", "/Perms"}
FORM = {"/Fields", "/SigFlags"}


def text(obj):
    """How a value is written: a reference as one."""
    return obj.unparse() if isinstance(obj, pikepdf.Object) else repr(obj)


def key(obj):
    """An object's number, or how it is written when it has none."""
    return obj.objgen if isinstance(obj, pikepdf.Object) and obj.is_indirect else text(obj)


def compare_dicts(name, before, after, spare, lost):
    for k in before.keys():
        if k in spare or k.startswith("/QPDFFake"):  # what qpdf makes of a damaged dictionary
            continue
        if k not in after:
            lost.append(f"{name} {k} is gone")
        elif text(before[k]) != text(after[k]):
            lost.append(f"{name} {k} changed")


def array(obj):
    return list(obj) if isinstance(obj, pikepdf.Array) else []


def raw_text(obj):
    if isinstance(obj, pikepdf.Stream):
        return str(sorted((k, text(obj[k])) for k in obj.keys()))
    return obj.unparse(resolved=True) if isinstance(obj, pikepdf.Object) else repr(obj)


def fields(root):
    """Every form field by its number: name, type and value."""
    out = {}
    form = root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return out
    todo = [(f, 0) for f in array(form.get("/Fields"))]
    while todo and len(out) < MAX_OBJECTS:
        f, depth = todo.pop()
        if not isinstance(f, pikepdf.Dictionary) or depth > 50:
            continue
        k = key(f)
        if k in out:
            continue
        value = f.get("/V")
        out[k] = (text(f.get("/T")), text(f.get("/FT")), None if value is None else key(value))
        todo.extend((kid, depth + 1) for kid in array(f.get("/Kids")))
    return out


def pages(root):
    """The pages by a walk of our own: pdf.pages adds objects to the document."""
    out, seen, todo = [], set(), [(root.get("/Pages"), 0)]
    while todo:
        node, depth = todo.pop()
        if not isinstance(node, pikepdf.Dictionary) or depth > 100 or len(out) > MAX_OBJECTS:
            continue
        if node.is_indirect:
            if node.objgen in seen:
                continue
            seen.add(node.objgen)
        kids = node.get("/Kids")
        if isinstance(kids, pikepdf.Array):
            todo.extend((kid, depth + 1) for kid in reversed(list(kids)))
        else:
            out.append(node)
    return out


def compare_pages(before, after, spare, lost):
    was_all, now_all = pages(before.Root), pages(after.Root)
    if len(was_all) != len(now_all):
        lost.append(f"{len(was_all)} pages became {len(now_all)}")
        return
    for i, (p, q) in enumerate(zip(was_all, now_all)):
        if not p.is_indirect and q.is_indirect:  # it stood in its parent and became an object
            spare.add(q.Parent.objgen)
            compare_dicts(f"the parent of page {i + 1}", p.Parent, q.Parent, {"/Kids"}, lost)
        elif p.objgen != q.objgen:
            lost.append(f"page {i + 1} is another object")
        compare_dicts(f"page {i + 1}", p, q, {"/Annots"}, lost)
        was, now = [key(a) for a in array(p.get("/Annots"))], [key(a) for a in array(q.get("/Annots"))]
        if now[: len(was)] != was:
            lost.append(f"page {i + 1}: annotations are gone")
        if now != was:
            spare.add(q.objgen)
            if isinstance(q.get("/Annots"), pikepdf.Array) and q.Annots.is_indirect:
                spare.add(q.Annots.objgen)


def compare_forms(before, after, spare, lost):
    was, now = fields(before.Root), fields(after.Root)
    for k, field in was.items():
        if k not in now:
            lost.append(f"field {field[0]!r} is gone")
        elif now[k] != field:
            if field[2] is None and field[0] == now[k][0]:
                spare.add(k)  # the field that was signed
            else:
                lost.append(f"field {field[0]!r} changed")
    old, new = before.Root.get("/AcroForm"), after.Root.get("/AcroForm")
    if isinstance(old, pikepdf.Dictionary):
        compare_dicts("AcroForm", old, new, FORM, lost)
        flags = old.get("/SigFlags")
        if isinstance(flags, int) and int(new.get("/SigFlags", 0)) & flags != flags:
            lost.append("AcroForm /SigFlags lost a flag")
    for obj in (new, new.get("/Fields") if isinstance(new, pikepdf.Dictionary) else None):
        if isinstance(obj, pikepdf.Object) and obj.is_indirect:
            spare.add(obj.objgen)


def structure(root):
    """The objects of the structure tree to which an element is added: the root,
    the elements at its top, the parent tree, and their lists."""
    out, tree = set(), root.get("/StructTreeRoot")
    if not isinstance(tree, pikepdf.Dictionary):
        return out
    todo = [(tree, "/K", 1), (tree.get("/ParentTree"), "/Kids", 50)]
    while todo:
        node, down, depth = todo.pop()
        if not isinstance(node, pikepdf.Dictionary) or depth < 0:
            continue
        kids = node.get(down)
        for obj in (node, kids, node.get("/Nums")):
            if isinstance(obj, pikepdf.Object) and obj.is_indirect:
                out.add(obj.objgen)
        kids = array(kids) if isinstance(kids, pikepdf.Array) else [kids]
        todo.extend((kid, down, depth - 1) for kid in kids)
    return out


def grew(before, after):
    """Whether a value has everything that it had, in order, and at most more."""
    if isinstance(before, pikepdf.Array) and isinstance(after, pikepdf.Array):
        rest = iter([text(x) for x in after])
        return all(text(x) in rest for x in before)
    if isinstance(before, pikepdf.Dictionary) and isinstance(after, pikepdf.Dictionary):
        for k in before.keys():
            if k == "/ParentTreeNextKey":
                continue
            was, now = before[k], after.get(k)
            same = text(was) == text(now)
            if k in ("/K", "/Nums", "/Kids", "/Limits", "/ParentTree") and not same:
                inside = isinstance(now, pikepdf.Array) and text(was) in [text(x) for x in now]
                if k != "/Limits" and not inside and not grew(was, now):
                    return False
            elif not same:
                return False
        return set(after.keys()) <= set(before.keys()) | {"/K", "/ParentTree", "/ParentTreeNextKey", "/Limits"}
    return text(before) == text(after)


def compare_objects(before, after, spare, lost):
    """Every object of the original is in the output, the same."""
    if len(before.objects) > MAX_OBJECTS:
        return
    tree = structure(before.Root)
    for obj in before.objects:
        if not isinstance(obj, pikepdf.Object) or not obj.is_indirect or obj.objgen in spare:
            continue
        if obj.unparse(resolved=True) == b"null":
            continue
        other = after.get_object(obj.objgen)
        if obj.objgen in tree and grew(obj, other):
            continue
        if raw_text(obj) != raw_text(other):
            lost.append(f"object {obj.objgen} changed")
        elif isinstance(obj, pikepdf.Stream) and obj.read_raw_bytes() != other.read_raw_bytes():
            lost.append(f"the data of stream {obj.objgen} changed")


def compare(before, after):
    lost = []
    spare = {before.Root.objgen}
    if before.Root.objgen != after.Root.objgen:
        lost.append("the catalog is another object")
    compare_dicts("catalog", before.Root, after.Root, CATALOG, lost)
    compare_pages(before, after, spare, lost)
    compare_forms(before, after, spare, lost)
    for k in ("/Info", "/ID", "/Encrypt"):
        was, now = before.trailer.get(k), after.trailer.get(k)
        if was is not None and text(was) != text(now):
            lost.append(f"trailer {k} changed")
    compare_objects(before, after, spare, lost)
    return lost


def answer(task):
    password = base64.b64decode(task["password"] or "").decode("utf-8", "surrogateescape")
    try:
        before = pikepdf.open(task["before"], password=password, suppress_warnings=True, inherit_page_attributes=False)
        if not pages(before.Root):
            return {"opens": False, "lost": [], "error": "no page"}
    except Exception as e:
        return {"opens": False, "lost": [], "error": str(e)}
    with before:
        try:
            with pikepdf.open(task["after"], password=password, suppress_warnings=True, inherit_page_attributes=False) as after:
                lost = compare(before, after)
        except Exception as e:
            return {"opens": True, "lost": [], "error": f"{type(e).__name__}: {e}"}
    return {"opens": True, "lost": lost[:MAX_LOST], "error": ""}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
