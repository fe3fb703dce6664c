use crate::ConsistencyToken;
use crate::tests::app::get_;
use serde_json::json;

fn token(stream: &str, version: u64) -> String {
    ConsistencyToken {
        stream: stream.parse().unwrap(),
        version,
    }
    .to_string()
}

#[tokio::test]
async fn several_tokens_are_joined_by_commas() {
    let joined = format!("{}, {}", token("lamp#a", 3), token("room#b", 9));
    let seen = get_("/seen", &[("consistency-token", &joined)]).await.json();
    assert_eq!(seen["positions"], json!([["lamp#a", 3], ["room#b", 9]]));
}

#[tokio::test]
async fn later_of_two_tokens_of_a_stream_is_used() {
    let joined = format!("{},{}", token("lamp#a", 9), token("lamp#a", 3));
    let seen = get_("/seen", &[("consistency-token", &joined)]).await.json();
    assert_eq!(seen["positions"], json!([["lamp#a", 9]]));
}

#[tokio::test]
async fn read_without_token_requires_no_position() {
    assert_eq!(
        get_("/seen", &[]).await.json(),
        json!({ "positions": [], "wait": null })
    );
}

#[tokio::test]
async fn invalid_token_is_refused() {
    let good = token("lamp#a", 3);
    let many = vec![good.clone(); 21].join(",");
    let bad = [
        "",
        ",",
        "x",
        "AAAA",
        "\u{e9}",
        &good[1..],
        &format!("{good}A"),
        &many,
    ];
    for bad in bad {
        let answer = get_("/seen", &[("consistency-token", bad)]).await;
        let expected = (
            400,
            "INVALID_CONSISTENCY_TOKEN".into(),
            "Consistency-Token".into(),
        );
        assert_eq!(answer.problem(), expected, "{bad}");
    }
}

#[tokio::test]
async fn a8_empty_elements_between_tokens_mean_nothing() {
    let joined = format!(", {},,{} ,", token("lamp#a", 3), token("room#b", 9));
    let seen = get_("/seen", &[("consistency-token", &joined)]).await.json();
    assert_eq!(seen["positions"], json!([["lamp#a", 3], ["room#b", 9]]));
}

#[tokio::test]
async fn a8_wait_is_read_as_rfc_7240_writes_it() {
    for (prefer, seconds) in [
        ("wait=\"2\"", json!(2)),
        ("wait = 2", json!(2)),
        ("wait=2; foo=bar", json!(2)),
        ("wait=\"2\";foo", json!(2)),
        (", ,wait=2,", json!(2)),
        ("wait=002", json!(2)),
        ("x=\"a,wait=7\", wait=2", json!(2)),
        ("x=\"\\\",wait=7\"; y=\";wait=8\", WAIT=2", json!(2)),
        ("wait=2, wait=soon", json!(2)),
        ("respond-async; wait=7", json!(null)),
        ("x=\"\u{e9}\"", json!(null)),
        ("", json!(null)),
        (",", json!(null)),
    ] {
        let seen = get_("/seen", &[("prefer", prefer)]).await.json();
        assert_eq!(seen["wait"], seconds, "{prefer}");
    }
    for bad in [
        "wait=\"2",
        "wait=2 3",
        "wait=\"\"",
        "wait=\u{662}",
        "wait=\"1,2\"",
        "wait;x=2",
    ] {
        assert_eq!(
            get_("/seen", &[("prefer", bad)]).await.problem().1,
            "INVALID_PREFERENCE",
            "{bad}"
        );
    }
}

#[tokio::test]
async fn a8_entity_tags_are_read_as_rfc_9110_writes_them() {
    let tag = get_("/tagged", &[]).await.header("etag").to_owned();
    for same in [
        format!("\"a,b\",,{tag},"),
        format!("W/\"\", W/{tag}"),
        " * ".to_owned(),
    ] {
        assert_eq!(
            get_("/tagged", &[("if-none-match", &same)]).await.status,
            304,
            "{same}"
        );
    }
    let bare = tag.trim_matches('"');
    for other in [
        format!("\"a,{bare},b\""),
        format!("w/{tag}"),
        format!("W/W/{tag}"),
        format!("{bare}, *"),
        bare.to_owned(),
        "\"*\"".to_owned(),
    ] {
        assert_eq!(
            get_("/tagged", &[("if-none-match", &other)]).await.status,
            200,
            "{other}"
        );
    }
}

#[tokio::test]
async fn wait_preference_is_parsed() {
    for (prefer, seconds) in [
        ("wait=2", json!(2)),
        ("respond-async, Wait = 3", json!(3)),
        // At most three seconds are waited.
        ("wait=10", json!(3)),
        ("handling=lenient", json!(null)),
    ] {
        assert_eq!(
            get_("/seen", &[("prefer", prefer)]).await.json()["wait"],
            seconds,
            "{prefer}"
        );
    }
}

#[tokio::test]
async fn invalid_wait_is_refused() {
    for bad in [
        "wait",
        "wait=",
        "wait=11",
        "wait=-1",
        "wait=1.5",
        "wait=+1",
        "wait=99999999999999999999",
        "wait=\"11\"",
    ] {
        let answer = get_("/seen", &[("prefer", bad)]).await;
        assert_eq!(
            answer.problem(),
            (400, "INVALID_PREFERENCE".into(), "Prefer".into()),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn matching_etag_gets_304_without_body() {
    let first = get_("/tagged", &[]).await;
    assert_eq!((first.status, first.text.as_str()), (200, "the state"));
    let tag = first.header("etag").to_owned();
    for asked in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"other\", {tag}"),
        "*".into(),
    ] {
        let second = get_("/tagged", &[("if-none-match", &asked)]).await;
        assert_eq!(
            (second.status, second.text.as_str(), second.header("etag")),
            (304, "", tag.as_str()),
            "{asked}"
        );
    }
}

#[tokio::test]
async fn invalid_etag_matches_nothing() {
    for asked in ["", "x", "\"", "\u{e9}", "W/"] {
        assert_eq!(
            get_("/tagged", &[("if-none-match", asked)]).await.status,
            200,
            "{asked}"
        );
    }
}
