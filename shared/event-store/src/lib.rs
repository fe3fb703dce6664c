//! An event store on DynamoDB: one immutable item per commit.
