//! Tests of the decisions, without a table or a runtime: given events, when a command comes, then new events or an error.

use crate::{__Category__, __Category__Command, __Category__Error};
use contracts::__module__::{__Category__Event, __Category__Name};
use event_store::testing::given;

fn name(text: &str) -> __Category__Name {
    text.parse().unwrap()
}

fn created() -> __Category__Event {
    __Category__Event::__Category__Created { name: name("first") }
}

fn renamed() -> __Category__Event {
    __Category__Event::__Category__Renamed { name: name("second") }
}

fn closed() -> __Category__Event {
    __Category__Event::__Category__Closed {}
}

fn create() -> __Category__Command {
    __Category__Command::Create { name: name("first") }
}

fn rename(text: &str) -> __Category__Command {
    __Category__Command::Rename { name: name(text) }
}

#[test]
fn second_creation_of_an_id_is_refused() {
    given::<__Category__>([]).when(create()).then([created()]);
    given::<__Category__>([created()]).when(create()).then_error(__Category__Error::Exists);
}

#[test]
fn rename_has_an_event_unless_the_name_is_the_same() {
    given::<__Category__>([created()]).when(rename("second")).then([renamed()]);
    given::<__Category__>([created(), renamed()]).when(rename("second")).then_nothing();
}

#[test]
fn repeated_close_has_no_event() {
    given::<__Category__>([created()]).when(__Category__Command::Close).then([closed()]);
    given::<__Category__>([created(), closed()]).when(__Category__Command::Close).then_nothing();
}

#[test]
fn closed_aggregate_refuses_a_rename() {
    given::<__Category__>([created(), closed()]).when(rename("second")).then_error(__Category__Error::Closed);
}

#[test]
fn commands_before_the_creation_are_refused() {
    for command in [rename("second"), __Category__Command::Close] {
        given::<__Category__>([]).when(command).then_error(__Category__Error::NotCreated);
    }
}

#[test]
fn state_has_the_last_name_and_whether_it_is_closed() {
    let state = given::<__Category__>([created(), renamed(), closed()]).state().0.unwrap();
    assert_eq!((state.name, state.closed), (name("second"), true));
}
