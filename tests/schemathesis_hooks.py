"""Gives Schemathesis the ids of existing resources, which the description does not contain.

Before the first case this creates orders in every stage of their life cycle, and the consumers, restaurants
and couriers that belong to them. Then most ids in valid cases are replaced by theirs, so that commands and reads do not end with
"there is no such order". Cases that are invalid on purpose stay invalid.
"""

import json
import os
import random
import time
import urllib.error
import urllib.request

import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.openapi.checks import RejectedPositiveData

BASE = os.environ["BELVEDERE_URL"]
# The number of orders in each stage. A command moves one of them on, so this is also its number of chances.
EACH = 6
# The share of valid cases that are about existing resources.
KNOWN = 0.8
# The time in which projections and reactors have to catch up.
DEADLINE_SECONDS = 30
LATER = "2099-01-01T18:00:00Z"
NUMBERS = random.Random(1)


def call(method, path, body=None):
    """Returns status, headers and body of a reply."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, json.load(refused)


def until(what, attempt):
    """Repeats the attempt until it returns a value."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (result := attempt()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what}: not after {DEADLINE_SECONDS} seconds")
        time.sleep(0.05)
    return result


def create(path, body):
    status, headers, answer = call("POST", path, body)
    if status != 201:
        raise RuntimeError(f"POST {path} answered {status}: {answer}")
    TOKENS.append(headers["Consistency-Token"])
    return answer


def step(path, body=None):
    """Sends a command to a resource that a reactor may not have brought into the required stage yet."""

    def attempt():
        status, headers, _ = call("POST", path, body or {})
        return headers if status == 200 else None

    TOKENS.append(until(path, attempt)["Consistency-Token"])


ADDRESS = {"street1": "1 Main Street", "city": "Oakland", "state": "CA", "zip": "94612"}
DAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
RESTAURANT = {
    "name": "Ajanta",
    "address": ADDRESS,
    "menu": {"menuItems": [{"id": "1", "name": "Chicken Vindaloo", "price": "12.34"}]},
    "openingHours": [{"dayOfWeek": day, "opens": "00:00", "closes": "23:59"} for day in DAYS],
    "serviceArea": ["94612"],
}
PERSON = {"name": {"firstName": "Ada", "lastName": "Lovelace"}}

# The stages of an order, each with the command that leads to it from the stage before.
STAGES = {
    "approved": None,
    "accepted": ("/tickets/{}/accept", {"readyBy": LATER}),
    "preparing": ("/tickets/{}/preparing", None),
    "ready": ("/tickets/{}/ready-for-pickup", None),
    "handed over": ("/tickets/{}/picked-up", None),
    "on the road": ("/deliveries/{}/picked-up", None),
    "delivered": ("/deliveries/{}/delivered", None),
}
# The stage in which a command is legal.
LEGAL = {
    "/orders/{id}/cancel": "approved",
    "/orders/{id}/revise": "approved",
    "/tickets/{id}/accept": "approved",
    "/tickets/{id}/preparing": "accepted",
    "/tickets/{id}/ready-for-pickup": "preparing",
    "/tickets/{id}/picked-up": "ready",
    "/deliveries/{id}/picked-up": "handed over",
    "/deliveries/{id}/location": "on the road",
    "/deliveries/{id}/delivered": "on the road",
}
TOKENS = []
# The views and reactors of operations: two views and a reactor are enough for every state and every refusal.
OPERATED = ["couriers", "kitchen-board", "orders-reactor"]


def fill():
    """Consumers, unchanged restaurants, restaurants that commands may change, couriers, orders by stage."""
    consumers = [create("/consumers", PERSON)["consumerId"] for _ in range(3)]
    restaurants = [create("/restaurants", RESTAURANT)["restaurantId"] for _ in range(6)]
    lasting, changing = restaurants[:3], restaurants[3:]
    # A courier carries one delivery at a time.
    couriers = [create("/couriers", {"name": "Ada"})["courierId"] for _ in range(EACH * len(STAGES))]
    for courier in couriers:
        step(f"/couriers/{courier}/availability", {"available": True})
    orders = {stage: [] for stage in STAGES}
    for stage in STAGES:
        for number in range(EACH):
            orders[stage].append(place(consumers[number % 3], lasting[number % 3]))
    for last, stage in enumerate(STAGES):
        commands = [command for command in list(STAGES.values())[: last + 1] if command]
        for order in orders[stage]:
            until(f"{order} approved", lambda: call("GET", f"/orders/{order}")[2].get("status") == "APPROVED")
            for path, body in commands:
                step(path.format(order), body)
    return consumers, lasting, changing, couriers, orders


def place(consumer, restaurant):
    """Returns the id of a new order, as soon as the orders service's copy of the menus has the restaurant."""
    body = {
        "consumerId": consumer,
        "restaurantId": restaurant,
        "deliveryAddress": ADDRESS,
        "deliveryTime": LATER,
        "lineItems": [{"menuItemId": "1", "quantity": 1}],
    }

    def attempt():
        status, headers, answer = call("POST", "/orders", body)
        return (headers, answer) if status == 201 else None

    headers, answer = until("an order", attempt)
    TOKENS.append(headers["Consistency-Token"])
    return answer["orderId"]


CONSUMERS, RESTAURANTS, CHANGING_RESTAURANTS, COURIERS, ORDERS = fill()


def known(method, path):
    """Returns an id that is valid in this path."""
    if path.startswith(("/consumers", "/accounts")):
        return NUMBERS.choice(CONSUMERS)
    if path.startswith("/restaurants"):
        return NUMBERS.choice(RESTAURANTS if method == "GET" else CHANGING_RESTAURANTS)
    if path.startswith("/couriers"):
        return NUMBERS.choice(COURIERS)
    stage = LEGAL.get(path)
    if stage is None or NUMBERS.random() < 0.3:
        stage = NUMBERS.choice(list(ORDERS))
    return NUMBERS.choice(ORDERS[stage])


def operated(name):
    """Returns a view or reactor, or the number of a possible rebuild or sweep."""
    return NUMBERS.choice(OPERATED) if name == "view" else NUMBERS.randint(1, 4)


def valid(case, location):
    component = case.meta and case.meta.components.get(location)
    return component is None or not component.mode.is_negative


@schemathesis.hook
def map_case(context, case):
    if NUMBERS.random() > KNOWN:
        return case
    path = case.operation.path
    if case.path_parameters and valid(case, ParameterLocation.PATH):
        known_id = operated if path.startswith("/operations") else lambda _: known(case.method.upper(), path)
        case.path_parameters = {name: known_id(name) for name in case.path_parameters}
    if case.query and valid(case, ParameterLocation.QUERY):
        if "consumerId" in case.query:
            case.query["consumerId"] = NUMBERS.choice(CONSUMERS)
        # A list starts without a cursor; a generated text is not one of this list's.
        case.query.pop("cursor", None)
    if case.headers and "Consistency-Token" in case.headers and valid(case, ParameterLocation.HEADER):
        case.headers["Consistency-Token"] = NUMBERS.choice(TOKENS)
    if isinstance(case.body, dict) and valid(case, ParameterLocation.BODY):
        known_body(path, case.body)
    return case


def known_body(path, body):
    if path == "/orders":
        body["consumerId"] = NUMBERS.choice(CONSUMERS)
        body["restaurantId"] = NUMBERS.choice(RESTAURANTS)
    for lines in ("lineItems", "revisedOrderLineItems"):
        if body.get(lines):
            # Each item may occur once in an order.
            body[lines] = [{**body[lines][0], "menuItemId": "1"}]
    for moment in ("readyBy", "deliveryTime"):
        if body.get(moment):
            body[moment] = LATER
    if body.get("timeZone"):
        body["timeZone"] = "America/Los_Angeles"


# Refusals for rules that JSON Schema cannot express, or not without breaking the readers of the events' schemas. The
# description states each rule in words.
BEYOND_SCHEMAS = [
    "INVALID_CONSISTENCY_TOKEN",  # is authenticated
    "INVALID_CURSOR",  # is authenticated
    "INVALID_PREFERENCE",  # one preference of several is checked, the others pass
    "UNKNOWN_TIME_ZONE",  # a name of the IANA database
    "appears twice",  # unique by one property
    "must not be empty",  # only blanks
    "must not contain control or invisible characters",
    "must be in the years 2000 to 2199",  # a moment
    "a leap second is not supported",
    "from the year 2000 to 2199",  # a day
    "The last day is before the first day",
    "`until` is before `since`",
    "A request may span at most",  # days
    "The text contains no word",
    "There are more than 20 words",
    "Open and done tickets are separate lists",
    "not both",  # properties of which exactly one is required
    "invalid type: floating point",  # to JSON Schema 2.0 is an integer
]


@schemathesis.hook
def filter_failure(context, failure, case, response):
    beyond = any(words in response.text for words in BEYOND_SCHEMAS)
    return not (isinstance(failure, RejectedPositiveData) and response.status_code == 400 and beyond)


# Headers of the transport and of the body. tests/suite/api_description.rs leaves out the same ones.
UNDESCRIBED = {"connection", "content-length", "content-type", "date", "transfer-encoding", "vary"}


@schemathesis.check
def headers_are_described(context, response, case):
    """Fails when a header is sent that the description of this response does not have."""
    description = case.operation.responses.find_by_status_code(response.status_code)
    if description is None:
        return  # Another check reports a status that is not described.
    described = {name.lower() for name, _ in description.headers.items()}
    unknown = sorted(set(response.headers) - described - UNDESCRIBED)
    if unknown:
        raise AssertionError(f"Not described for {response.status_code}: {', '.join(unknown)}")
