//! Given these events, when that is asked, then this happens: without a table or a runtime.

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
fn an_id_is_created_once() {
    given::<__Category__>([]).when(create()).then([created()]);
    given::<__Category__>([created()]).when(create()).then_error(__Category__Error::Exists);
}

#[test]
fn a_new_name_is_an_event_and_the_same_name_is_none() {
    given::<__Category__>([created()]).when(rename("second")).then([renamed()]);
    given::<__Category__>([created(), renamed()]).when(rename("second")).then_nothing();
}

#[test]
fn it_closes_once() {
    given::<__Category__>([created()]).when(__Category__Command::Close).then([closed()]);
    given::<__Category__>([created(), closed()]).when(__Category__Command::Close).then_nothing();
}

#[test]
fn what_is_closed_keeps_its_name() {
    given::<__Category__>([created(), closed()]).when(rename("second")).then_error(__Category__Error::Closed);
}

#[test]
fn what_was_not_created_neither_changes_nor_closes() {
    for command in [rename("second"), __Category__Command::Close] {
        given::<__Category__>([]).when(command).then_error(__Category__Error::NotCreated);
    }
}

#[test]
fn the_state_is_what_the_events_made_of_it() {
    let state = given::<__Category__>([created(), renamed(), closed()]).state().0.unwrap();
    assert_eq!((state.name, state.closed), (name("second"), true));
}
