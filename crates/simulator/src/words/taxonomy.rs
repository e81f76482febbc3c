//! Topics that an account has configured, in three levels. Topics that are found freely are in the
//! [vocabularies](super::Vocabulary).

/// A topic of the first level.
#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) name: &'static str,
    pub(crate) twigs: &'static [Twig],
}

/// A topic of the second level, and those of the third below it.
#[derive(Debug)]
pub(crate) struct Twig {
    pub(crate) name: &'static str,
    pub(crate) leaves: &'static [&'static str],
}

/// The whole tree. Some twigs have no leaves.
pub(crate) const TAXONOMY: [Branch; 6] = [
    Branch {
        name: "Invoices & payments",
        twigs: &[
            Twig {
                name: "Invoice explained",
                leaves: &["Single item", "Tax and fees", "Credit note"],
            },
            Twig {
                name: "Payment plan",
                leaves: &["Instalments agreed", "Deadline moved"],
            },
            Twig {
                name: "Payment not found",
                leaves: &[],
            },
        ],
    },
    Branch {
        name: "Contract",
        twigs: &[
            Twig {
                name: "Move to new address",
                leaves: &["Line check", "Meter handed over"],
            },
            Twig {
                name: "Cancellation",
                leaves: &["Retention offer taken"],
            },
        ],
    },
    Branch {
        name: "Orders",
        twigs: &[
            Twig {
                name: "Delivery",
                leaves: &["Parcel lost", "Damaged in transit", "Delivered to neighbour"],
            },
            Twig {
                name: "Return",
                leaves: &["Wrong size", "No longer wanted"],
            },
        ],
    },
    Branch {
        name: "Störung / outage",
        twigs: &[
            Twig {
                name: "No connection",
                leaves: &["Router reset", "Area outage"],
            },
            Twig {
                name: "Engineer visit",
                leaves: &[],
            },
        ],
    },
    Branch {
        name: "Claims",
        twigs: &[
            Twig {
                name: "New claim",
                leaves: &["Household", "Vehicle"],
            },
            Twig {
                name: "Claim status ",
                leaves: &["Documents missing"],
            },
        ],
    },
    Branch {
        name: "アカウント",
        twigs: &[
            Twig {
                name: "Sign\u{2011}in",
                leaves: &["Locked after failed tries", "Second factor lost"],
            },
            Twig {
                name: "Personal data",
                leaves: &[],
            },
        ],
    },
];
