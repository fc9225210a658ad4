"""Entity tags: what they stand for, and who has a representation already."""

import pytest

from tests.api.editing import JSON, XML, edit_xml, tags
from tests.conftest import PartnerClient, contribution_xml, goal_xml

pytestmark = pytest.mark.django_db


def test_a_changes_tag_is_the_one_the_next_get_carries(shop):
    for media in (XML, JSON):
        made = shop.post("/api/savings", goal_xml(), Accept=media)
        path = made.headers["Location"]
        told = [(made.headers["ETag"], made.body)]
        seen = [shop.get(path, Accept=media)]
        for verb, version in (("PUT", 1), ("PATCH", 2)):
            done = shop.call(verb, path, edit_xml(version, f"Name {version}"), Accept=media)
            told.append((done.headers["ETag"], done.body))
            seen.append(shop.get(path, Accept=media))
        assert [(answer.headers["ETag"], answer.body) for answer in seen] == told
        assert len({tag for tag, _ in told}) == 3
        gift = shop.post(f"{path}/Contributions", contribution_xml(), Accept=media)
        seen = shop.get(gift.headers["Location"], Accept=media)
        assert (seen.headers["ETag"], seen.body) == (gift.headers["ETag"], gift.body)


def test_two_formats_of_one_record_have_two_tags(shop, path):
    in_xml, in_json = tags(shop, path)
    assert in_xml != in_json
    assert not in_xml.startswith("W/")
    assert shop.get(path + "?format=json").headers["ETag"] == in_json


def test_the_tag_changes_with_all_and_the_version_with_edits(shop, giver, path):
    """Each step changes what GET shows; a tag that stayed the same would hide it from whoever polls."""
    goal_id = path.rsplit("/", 1)[1]
    seen, gifts = [], {}

    def look():
        for media in (XML, JSON):
            answer = shop.get(path, Accept=media)
            seen.append((answer.headers["ETag"], answer.body))
        return shop.get(path).value("RecordVersionNumber")

    def new(name):
        gifts[name] = shop.new_contribution(goal_id)

    def pay(name, outcome):
        return giver.pay(gifts[name].value("ProviderURL"), outcome)

    assert look() == "1"
    for step in (
        lambda: new("a"), lambda: new("b"), lambda: new("c"), lambda: new("d"), lambda: pay("a", "approve"),
        lambda: pay("b", "cancel"), lambda: pay("c", "decline"), lambda: pay("c", "approve"),
        lambda: shop.delete(f"/api/Contribution/{gifts['d'].value('Id')}"),
        lambda: shop.delete(f"/api/Contribution/{gifts['b'].value('Id')}"),
    ):  # fmt: skip
        step()
        assert look() == "1"
    assert shop.get(path).value("CurrentAmount") == "40.00"
    assert shop.put(path, edit_xml(1)).status == 200
    assert look() == "2"
    tags_seen, bodies_seen = {tag for tag, _ in seen}, {body for _, body in seen}
    assert len(seen) == 24
    assert len(tags_seen) == len(bodies_seen) == len(set(seen)) == 24


def test_a_contributions_version_and_tag_rise_with_each_change(shop, giver, path):
    made = shop.new_contribution(path.rsplit("/", 1)[1])
    gift = f"/api/Contribution/{made.value('Id')}"
    seen = [(shop.get(gift).value("RecordVersionNumber"), shop.get(gift).headers["ETag"])]
    pay = made.value("ProviderURL")
    for step in (lambda: giver.pay(pay, "decline"), lambda: giver.checkout(pay), lambda: giver.pay(pay)):
        step()
        seen.append((shop.get(gift).value("RecordVersionNumber"), shop.get(gift).headers["ETag"]))
    assert [version for version, _ in seen] == ["1", "2", "3", "4"]  # Submitted, Failed, Submitted, Settled
    assert len({tag for _, tag in seen}) == 4


def test_a_goal_stays_editable_by_its_number_while_gifts_arrive(shop, giver, path):
    goal_id = path.rsplit("/", 1)[1]
    for version in (1, 2, 3):
        before = tags(shop, path)[0]
        giver.pay(shop.new_contribution(goal_id).value("ProviderURL"))
        assert shop.put(path, edit_xml(), If_Match=before).status == 412
        assert shop.put(path, edit_xml(version)).status == 200
    done = shop.get(path)
    assert (done.value("CurrentAmount"), done.value("RecordVersionNumber")) == ("60.00", "4")


@pytest.mark.parametrize("media", [XML, JSON])
@pytest.mark.parametrize("way", ["GET", "HEAD"])
def test_who_has_it_already_gets_304_until_it_changes(shop, path, media, way):
    gift = shop.post(f"{path}/Contributions", contribution_xml()).headers["Location"]
    for address in (
        path, gift, "/api/savings", f"{path}/Contributions", "/api/savings?limit=1", "/api/schema/contributions.xsd",
    ):  # fmt: skip
        full = shop.get(address, Accept=media)
        tag = full.headers["ETag"]
        for header in (tag, f"W/{tag}", f'"other", {tag}', f'{tag} , W/"x"', "*"):
            same = shop.call(way, address, Accept=media, If_None_Match=header)
            assert (same.status, same.body, same.headers["ETag"]) == (304, b"", tag)
            assert same.headers.get("Content-Length") in {None, str(len(full.body))}
            assert (same.headers["Vary"], same.headers["Cache-Control"]) == ("Accept", "no-store")
        for header in ('"other"', tag[:-1], tag.strip('"'), "", "W/", '"*"', "\xe9"):
            changed = shop.call(way, address, Accept=media, If_None_Match=header)
            assert (changed.status, changed.headers["ETag"]) == (200, tag)
            assert changed.body == (b"" if way == "HEAD" else full.body)
            assert changed.headers.get("Content-Length", str(len(full.body))) == str(len(full.body))


def test_a_lists_tag_changes_with_everything_in_it(shop, giver, path):
    goal_id = path.rsplit("/", 1)[1]
    old = {}

    def changed():
        answers = {
            address: shop.get(address, If_None_Match=old.get(address, ""))
            for address in ("/api/savings", f"{path}/Contributions")
        }
        old.update({address: answer.headers["ETag"] for address, answer in answers.items()})
        return [answer.status for answer in answers.values()]

    assert changed() == [200, 200]
    assert changed() == [304, 304]
    gift = shop.new_contribution(goal_id)
    assert changed() == [200, 200]
    giver.pay(gift.value("ProviderURL"))
    assert changed() == [200, 200]
    shop.put(path, edit_xml(1))
    assert changed() == [200, 304]
    shop.new_goal()
    assert changed() == [200, 304]
    assert changed() == [304, 304]


def test_if_none_match_stops_no_change_and_no_refusal(shop, rival, path):
    assert rival.get(path, If_None_Match="*").status == 403
    assert shop.get(path + "x", If_None_Match="*").status == 404
    assert PartnerClient(None).get(path, If_None_Match="*").status == 401
    assert shop.put(path, edit_xml(1), If_None_Match="*").status == 200
    assert shop.post("/api/savings", goal_xml(), If_None_Match="*").status == 201
    assert shop.delete(path, If_None_Match=tags(shop, path)[0]).status == 204
