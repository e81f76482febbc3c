use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn status(status: u16, retry_after: Option<u64>) -> Error {
    Error::Status {
        status,
        message: "no".to_owned(),
        code: None,
        retry_after: retry_after.map(Duration::from_secs),
    }
}

fn throttled(retry_after: Option<u64>) -> Error {
    Error::Throttled {
        status: 429,
        message: "slow down".to_owned(),
        retry_after: retry_after.map(Duration::from_secs),
        hourly: false,
    }
}

fn timeout() -> Error {
    Error::Timeout {
        host: "https://kore.ai".to_owned(),
        seconds: 120,
    }
}

/// All that follows when every try ends in `error` at once.
fn course(retry: Retry, error: &Error, limit: u32, random: f64) -> Vec<Next> {
    let mut course = Course::default();
    let mut all = Vec::new();
    loop {
        let next = course.judge(&retry, error, limit, Duration::ZERO, random);
        all.push(next);
        if matches!(next, Next::Return | Next::GiveUp) {
            return all;
        }
    }
}

fn waits(retry: Retry, error: &Error, random: f64) -> Vec<u64> {
    let waits = course(retry, error, 10, random).into_iter();
    waits
        .filter_map(|next| match next {
            Next::Wait(wait) => Some(u64::try_from(wait.as_millis()).unwrap()),
            _ => None,
        })
        .collect()
}

#[test]
fn waits_grow_between_the_first_and_three_times_the_one_before() {
    let error = status(502, None);
    assert_eq!(waits(Retry::default(), &error, 0.0), [500; 5]);
    assert_eq!(
        waits(Retry::default(), &error, 0.5),
        [1000, 1750, 2875, 4562, 7093]
    );
    let longest = Retry::default().longest_wait(10 * SECOND);
    assert_eq!(
        waits(longest, &error, 0.999),
        [1499, 4493, 10_000, 10_000, 10_000]
    );
}

#[test]
fn last_try_gives_up() {
    for tries in [1, 2, 6] {
        let all = course(Retry::default().tries(tries), &status(500, None), 10, 0.0);
        assert_eq!(all.len(), tries as usize);
        assert_eq!(all.last(), Some(&Next::GiveUp));
    }
}

#[test]
fn total_counts_tries_and_waits() {
    let retry = Retry::default().total(10 * SECOND);
    let mut course = Course::default();
    let error = status(500, None);
    assert_eq!(
        course.judge(&retry, &error, 10, 4 * SECOND, 0.0),
        Next::Wait(SECOND / 2)
    );
    assert_eq!(
        course.judge(&retry, &error, 10, 4 * SECOND, 0.0),
        Next::Wait(SECOND / 2)
    );
    assert_eq!(course.judge(&retry, &error, 10, SECOND, 0.0), Next::GiveUp);
}

#[test]
fn wait_that_the_server_names_is_kept_in_full_or_ends_the_tries() {
    assert_eq!(waits(Retry::default(), &status(503, Some(70)), 0.0), [70_000; 4]);
    assert_eq!(waits(Retry::default(), &status(503, Some(0)), 0.0), [500; 5]);
    let maintenance = course(Retry::default(), &status(503, Some(3600)), 10, 0.0);
    assert_eq!(maintenance, [Next::GiveUp]);
}

#[test]
fn what_does_not_pass_is_returned_after_one_try() {
    let too_large = Error::BodyTooLarge { limit: 1 };
    for (error, limit) in [
        (status(404, None), 10),
        (timeout(), 2),
        (too_large, 1),
        (throttled(Some(7201)), 10),
    ] {
        assert_eq!(
            course(Retry::default(), &error, limit, 0.5),
            [Next::Return],
            "{error:?}"
        );
    }
}

#[test]
fn timeout_of_a_single_record_is_tried_again() {
    assert_eq!(course(Retry::default(), &timeout(), 1, 0.5).len(), 6);
}

#[test]
fn throttling_uses_up_no_tries_and_has_an_end_of_its_own() {
    let retry = Retry::default().tries(2);
    let mut course = Course::default();
    let mut judge = |error: &Error| course.judge(&retry, error, 10, SECOND, 0.0);
    for _ in 0..9 {
        assert_eq!(judge(&throttled(Some(7200))), Next::Pause);
    }
    assert!(matches!(judge(&status(500, None)), Next::Wait(_)));
    for _ in 0..9 {
        assert_eq!(judge(&throttled(None)), Next::Pause);
    }
    assert_eq!(judge(&throttled(None)), Next::GiveUp);
}

#[test]
fn no_tries_at_all_are_refused() {
    assert!(Retry::default().tries(0).check().is_err());
    assert!(Retry::default().tries(1).check().is_ok());
}
