use super::*;
use contracts::restaurant::DayOfWeek;
use event_store::testing::given;

fn menu(price: &str) -> Menu {
    fixtures::menu(&[("1", price)])
}

fn ajanta() -> RestaurantDetails {
    RestaurantDetails {
        name: "Ajanta".parse().unwrap(),
        address: fixtures::main_street(),
        menu: menu("12.34"),
        opening_hours: vec![],
        service_area: vec!["94612".parse().unwrap()],
        time_zone: "America/Los_Angeles".parse().unwrap(),
        closed: false,
    }
}

fn joined() -> RestaurantEvent {
    created(&ajanta())
}

fn monday(opens: &str, closes: &str) -> Vec<OpeningHours> {
    vec![OpeningHours {
        day_of_week: DayOfWeek::Monday,
        opens: opens.parse().unwrap(),
        closes: closes.parse().unwrap(),
    }]
}

fn zips(zips: &[&str]) -> Vec<Zip> {
    zips.iter().map(|zip| zip.parse().unwrap()).collect()
}

fn hours_changed(opening_hours: Vec<OpeningHours>, time_zone: &str) -> RestaurantEvent {
    RestaurantEvent::RestaurantHoursChanged {
        opening_hours,
        time_zone: time_zone.parse().unwrap(),
    }
}

fn change_hours(opening_hours: Vec<OpeningHours>, time_zone: Option<&str>) -> RestaurantCommand {
    RestaurantCommand::ChangeHours {
        opening_hours,
        time_zone: time_zone.map(|zone| zone.parse().unwrap()),
    }
}

/// Returns every command to an existing restaurant except closing it.
fn changes() -> [RestaurantCommand; 3] {
    [
        RestaurantCommand::ReviseMenu(menu("13.00")),
        change_hours(monday("08:00", "20:00"), None),
        RestaurantCommand::ChangeServiceArea(zips(&["94611"])),
    ]
}

fn revised(price: &str) -> RestaurantEvent {
    RestaurantEvent::RestaurantMenuRevised { menu: menu(price) }
}

#[test]
fn restaurant_is_created() {
    given::<Restaurant>([])
        .when(RestaurantCommand::Create(Box::new(ajanta())))
        .then([joined()]);
}

#[test]
fn existing_id_is_refused() {
    given::<Restaurant>([joined()])
        .when(RestaurantCommand::Create(Box::new(ajanta())))
        .then_error(RestaurantError::Exists);
}

#[test]
fn a_menu_is_revised() {
    given::<Restaurant>([joined()])
        .when(RestaurantCommand::ReviseMenu(menu("13.00")))
        .then([revised("13.00")]);
}

#[test]
fn unchanged_menu_stores_no_event() {
    given::<Restaurant>([joined(), revised("13.00")])
        .when(RestaurantCommand::ReviseMenu(menu("13.00")))
        .then([]);
}

#[test]
fn earlier_menu_can_be_restored() {
    given::<Restaurant>([joined(), revised("13.00")])
        .when(RestaurantCommand::ReviseMenu(menu("12.34")))
        .then([revised("12.34")]);
}

#[test]
fn hours_without_a_zone_keep_the_zone() {
    given::<Restaurant>([joined()])
        .when(change_hours(monday("08:00", "20:00"), None))
        .then([hours_changed(monday("08:00", "20:00"), "America/Los_Angeles")]);
}

#[test]
fn hours_are_changed_together_with_the_zone() {
    given::<Restaurant>([joined()])
        .when(change_hours(vec![], Some("Europe/Berlin")))
        .then([hours_changed(vec![], "Europe/Berlin")]);
}

#[test]
fn unchanged_hours_store_no_event() {
    given::<Restaurant>([joined(), hours_changed(monday("08:00", "20:00"), "UTC")])
        .when(change_hours(monday("08:00", "20:00"), Some("UTC")))
        .then([]);
}

#[test]
fn a_service_area_is_changed_once() {
    let changed = RestaurantEvent::RestaurantServiceAreaChanged {
        service_area: zips(&["94611"]),
    };
    let change = RestaurantCommand::ChangeServiceArea(zips(&["94611"]));
    given::<Restaurant>([joined()])
        .when(change.clone())
        .then([changed.clone()]);
    given::<Restaurant>([joined(), changed]).when(change).then([]);
}

#[test]
fn a_restaurant_closes_once() {
    given::<Restaurant>([joined()])
        .when(RestaurantCommand::Close)
        .then([RestaurantEvent::RestaurantClosed {}]);
    given::<Restaurant>([joined(), RestaurantEvent::RestaurantClosed {}])
        .when(RestaurantCommand::Close)
        .then([]);
}

#[test]
fn closed_restaurant_refuses_every_change() {
    for change in changes() {
        given::<Restaurant>([joined(), RestaurantEvent::RestaurantClosed {}])
            .when(change)
            .then_error(RestaurantError::Closed);
    }
}

#[test]
fn state_reflects_every_change() {
    let mut events = vec![joined()];
    for change in changes() {
        let state = given::<Restaurant>(events.clone()).state();
        events.extend(Restaurant::decide(&state, &change).unwrap());
    }
    events.push(RestaurantEvent::RestaurantClosed {});
    let expected = RestaurantDetails {
        menu: menu("13.00"),
        opening_hours: monday("08:00", "20:00"),
        service_area: zips(&["94611"]),
        closed: true,
        ..ajanta()
    };
    assert_eq!(given::<Restaurant>(events).state().0, Some(expected));
}

#[test]
fn a_restaurant_that_does_not_exist_is_neither_changed_nor_closed() {
    for command in changes().into_iter().chain([RestaurantCommand::Close]) {
        given::<Restaurant>([])
            .when(command)
            .then_error(RestaurantError::NotCreated);
    }
}
