//! DynamoDB in this process, behind its real wire API.
