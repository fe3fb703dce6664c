//! Names, addresses and menus of the demo.

/// A restaurant of the demo: name, street, zip code, menu as (id, name, price).
pub(super) struct Restaurant {
    pub(super) name: &'static str,
    pub(super) street: &'static str,
    pub(super) zip: &'static str,
    pub(super) menu: &'static [(&'static str, &'static str, &'static str)],
}

pub(super) const RESTAURANTS: &[Restaurant] = &[
    Restaurant {
        name: "Ajanta",
        street: "1888 Solano Avenue",
        zip: "94707",
        menu: &[
            ("1", "Chicken Vindaloo", "12.34"),
            ("2", "Lamb Rogan Josh", "15.50"),
            ("3", "Saag Paneer", "11.25"),
            ("4", "Garlic Naan", "3.75"),
            ("5", "Mango Lassi", "4.50"),
        ],
    },
    Restaurant {
        name: "Montclair Eggshop",
        street: "6126 Medau Place",
        zip: "94611",
        menu: &[
            ("eggs-benedict", "Eggs Benedict", "13.95"),
            ("huevos", "Huevos Rancheros", "12.50"),
            ("pancakes", "Buttermilk Pancakes", "9.75"),
            ("coffee", "Coffee", "3.25"),
        ],
    },
    Restaurant {
        name: "La Taquería del Lago",
        street: "3300 Lakeshore Avenue",
        zip: "94610",
        menu: &[
            ("al-pastor", "Tacos al Pastor", "10.50"),
            ("carnitas", "Burrito de Carnitas", "11.75"),
            ("elote", "Elote", "4.95"),
            ("horchata", "Horchata", "3.95"),
        ],
    },
    Restaurant {
        name: "Sichuan Garden",
        street: "388 Ninth Street",
        zip: "94607",
        menu: &[
            ("mapo", "Mapo Tofu", "12.95"),
            ("dandan", "Dan Dan Noodles", "10.95"),
            ("kungpao", "Kung Pao Chicken", "14.25"),
            ("rice", "Steamed Rice", "2.00"),
        ],
    },
    Restaurant {
        name: "Trattoria Bellavista",
        street: "5212 Broadway",
        zip: "94618",
        menu: &[
            ("margherita", "Pizza Margherita", "14.00"),
            ("carbonara", "Spaghetti alla Carbonara", "16.50"),
            ("tiramisu", "Tiramisù", "7.50"),
            ("acqua", "Acqua Minerale", "3.00"),
        ],
    },
    Restaurant {
        name: "Umi Sushi",
        street: "4100 Piedmont Avenue",
        zip: "94611",
        menu: &[
            ("nigiri", "Nigiri Selection", "24.00"),
            ("maki", "Spicy Tuna Maki", "9.50"),
            ("ramen", "Tonkotsu Ramen", "15.75"),
            ("miso", "Miso Soup", "3.50"),
        ],
    },
    Restaurant {
        name: "Addis Kitchen",
        street: "6430 Telegraph Avenue",
        zip: "94609",
        menu: &[
            ("doro-wat", "Doro Wat", "16.25"),
            ("veggie", "Vegetarian Combination", "17.50"),
            ("tibs", "Beef Tibs", "15.95"),
            ("injera", "Extra Injera", "2.50"),
        ],
    },
    Restaurant {
        name: "The Burger Bench",
        street: "2315 Valdez Street",
        zip: "94612",
        menu: &[
            ("classic", "Classic Cheeseburger", "11.50"),
            ("mushroom", "Mushroom Burger", "12.00"),
            ("fries", "Sea Salt Fries", "4.75"),
            ("shake", "Vanilla Shake", "6.25"),
        ],
    },
];

pub(super) const FIRST_NAMES: &[&str] = &[
    "Ada",
    "Grace",
    "Edsger",
    "Barbara",
    "Donald",
    "Frances",
    "Alan",
    "Radia",
    "Ken",
    "Katherine",
    "Niklaus",
    "Margaret",
    "Tony",
    "Lynn",
    "Dennis",
    "Adele",
    "Leslie",
    "Shafi",
    "John",
    "Hedy",
];

pub(super) const LAST_NAMES: &[&str] = &[
    "Okafor",
    "Nguyen",
    "García",
    "Müller",
    "Tanaka",
    "Rossi",
    "Kowalski",
    "Haddad",
    "Lindqvist",
    "Silva",
    "Cohen",
    "Patel",
    "O'Brien",
    "Dubois",
    "Novák",
    "Chen",
];

pub(super) const STREETS: &[&str] = &[
    "Amazing View",
    "Grand Avenue",
    "Harrison Street",
    "Alcatraz Avenue",
    "College Avenue",
    "Shattuck Avenue",
];

pub(super) const ZIPS: &[&str] = &["94607", "94609", "94610", "94611", "94612", "94618", "94707"];
