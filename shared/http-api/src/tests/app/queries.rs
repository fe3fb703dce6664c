use crate::tests::app::{get_, post_};
use serde_json::json;

#[tokio::test]
async fn parameters_are_decoded_and_parsed() {
    let found = get_(
        "/search?limit=10&keywords=chicken+vindaloo%20%C3%BC,x&status=OPEN,CLOSED&all=true",
        &[],
    )
    .await;
    assert_eq!(
        found.json(),
        json!({ "limit": 10, "keywords": "chicken vindaloo ü,x", "status": ["OPEN", "CLOSED"], "all": true })
    );
}

#[tokio::test]
async fn list_may_be_given_by_repeated_parameters() {
    assert_eq!(
        get_("/search?status=OPEN&status=CLOSED", &[]).await.json()["status"],
        json!(["OPEN", "CLOSED"])
    );
}

#[tokio::test]
async fn query_without_parameters_is_accepted() {
    for path in ["/search", "/search?", "/search?&"] {
        assert_eq!(get_(path, &[]).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a8_unknown_parameter_of_a_command_is_refused() {
    for (query, field) in [("dryRun=true", "dryRun"), ("a", "a"), ("%ff", "")] {
        let answer = post_(&format!("/lamps/lamp_1/on?{query}"), &[], "").await;
        let expected = (400, "INVALID_PARAMETER".into(), field.into());
        assert_eq!(answer.problem(), expected, "{query}");
    }
    for none in ["", "?", "?&"] {
        assert_eq!(
            post_(&format!("/lamps/lamp_1/on{none}"), &[], "").await.status,
            200,
            "{none}"
        );
    }
}

#[tokio::test]
async fn invalid_parameters_are_refused_by_name() {
    let bad = [
        ("limit=ten", "limit"),
        ("limit=", "limit"),
        ("limit", "limit"),
        ("limit=-1", "limit"),
        ("limit=%2B1", "limit"),
        ("limit=70000", "limit"),
        ("limit=1&limit=1", "limit"),
        ("limit=1,2", "limit"),
        ("Limit=1", "Limit"),
        ("unknown=1", "unknown"),
        ("status=BROKEN", "status"),
        ("status=OPEN,", "status"),
        ("all=yes", "all"),
        ("keywords=%", "keywords"),
        ("keywords=%4", "keywords"),
        ("keywords=%zz", "keywords"),
        ("keywords=%+1", "keywords"),
        ("keywords=%ff", "keywords"),
        ("keywords=%ED%A0%80", "keywords"),
        ("%ff=1", ""),
        ("=1", ""),
    ];
    for (query, field) in bad {
        let answer = get_(&format!("/search?{query}"), &[]).await;
        assert_eq!(
            answer.problem(),
            (400, "INVALID_PARAMETER".into(), field.into()),
            "{query}"
        );
    }
}
