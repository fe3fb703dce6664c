//! Callers and access rules by themselves. They are tested here because each crate with tests links a program of its own.

use crate::{Access, Caller, CallerId, Grant};
use identity::{Granted, Refused};
use jiff::{SignedDuration, Timestamp};

#[test]
fn id_is_derived_and_shows_no_subject() {
    let id = CallerId::derive(&["https://issuer.example", "jane@example.com"]);
    assert_eq!(
        id,
        CallerId::derive(&["https://issuer.example", "jane@example.com"])
    );
    assert!(!id.as_str().contains("jane"), "{id}");
    assert_eq!(id.as_str().len(), 36);
}

#[test]
fn issuer_and_subject_are_kept_apart() {
    assert_ne!(CallerId::derive(&["ab", "c"]), CallerId::derive(&["a", "bc"]));
    assert_ne!(CallerId::derive(&["a", "b"]), CallerId::derive(&["c", "b"]));
}

#[test]
fn own_ids_differ_by_kind_and_caller() {
    let caller = |subject| Caller::new(CallerId::derive(&["issuer", subject]));
    assert_eq!(caller("jane").own("consumer"), caller("jane").own("consumer"));
    assert_ne!(caller("jane").own("consumer"), caller("jane").own("courier"));
    assert_ne!(caller("jane").own("consumer"), caller("joe").own("consumer"));
}

#[test]
fn caller_is_the_same_after_json() {
    let caller = Caller::new(CallerId::derive(&["issuer", "jane"]))
        .role("consumer")
        .holding("consumer", "con_1")
        .expiring(Timestamp::UNIX_EPOCH);
    let text = serde_json::to_string(&caller).unwrap();
    assert_eq!(serde_json::from_str::<Caller>(&text).unwrap(), caller);
}

#[test]
fn caller_without_the_mark_is_restricted() {
    let caller: Caller = serde_json::from_str(r#"{"id":"usr_1"}"#).unwrap();
    assert!(!caller.is_unrestricted());
}

#[test]
fn credentials_have_expired_from_their_last_moment_on() {
    let at = Timestamp::UNIX_EPOCH;
    let caller = Caller::new(CallerId::named("x")).expiring(at);
    assert!(caller.has_expired(at));
    assert!(!caller.has_expired(at - SignedDuration::from_millis(1)));
    assert!(!Caller::new(CallerId::named("x")).has_expired(at));
}

const RULE: Access = Access::to(&[
    Grant::own("staff", "restaurant"),
    Grant::own("courier", "courier"),
    Grant::all("back-office"),
]);

fn jane() -> Caller {
    Caller::new(CallerId::derive(&["issuer", "jane"]))
}

#[test]
fn role_without_a_grant_is_not_allowed() {
    assert_eq!(RULE.granted_to(&jane()), Err(Refused::NotAllowed));
    let unknown = jane().role("emperor").holding("restaurant", "r1");
    assert_eq!(RULE.granted_to(&unknown), Err(Refused::NotAllowed));
}

#[test]
fn own_grant_covers_what_is_held_of_its_kind_only() {
    let staff = jane()
        .role("staff")
        .holding("restaurant", "r1")
        .holding("courier", "c1");
    let granted = RULE.granted_to(&staff).unwrap();
    assert!(granted.covers("restaurant", "r1"));
    assert!(!granted.covers("restaurant", "r2"));
    assert!(
        !granted.covers("courier", "c1"),
        "without the role, what is held counts for nothing"
    );
}

#[test]
fn own_grant_without_anything_held_covers_nothing() {
    let granted = RULE.granted_to(&jane().role("staff")).unwrap();
    assert!(!granted.covers("restaurant", ""));
}

#[test]
fn caller_with_several_roles_may_do_what_any_of_them_may() {
    let both = jane()
        .role("staff")
        .role("courier")
        .holding("restaurant", "r1")
        .holding("courier", "c1");
    let granted = RULE.granted_to(&both).unwrap();
    assert!(granted.covers("restaurant", "r1") && granted.covers("courier", "c1"));
    let office = both.role("back-office");
    assert_eq!(RULE.granted_to(&office), Ok(Granted::All));
}

#[test]
fn unrestricted_caller_may_do_everything() {
    let local = Caller::unrestricted(CallerId::named("local"));
    assert_eq!(RULE.granted_to(&local), Ok(Granted::All));
}

#[test]
fn nobody_may_use_only_what_anybody_may() {
    let now = Timestamp::UNIX_EPOCH;
    assert_eq!(Access::ANYBODY.check(None, now), Ok(Granted::All));
    assert_eq!(RULE.check(None, now), Err(Refused::NoCredentials));
}

#[test]
fn expired_caller_may_use_only_what_anybody_may() {
    let now = Timestamp::UNIX_EPOCH;
    let expired = jane().role("back-office").expiring(now);
    assert_eq!(Access::ANYBODY.check(Some(&expired), now), Ok(Granted::All));
    assert_eq!(RULE.check(Some(&expired), now), Err(Refused::Expired));
}
