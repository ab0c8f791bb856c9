//! What a store's own tests call.

/// Tests a store against the contract: a `#[test]` for every case of [`conformance`](crate::conformance).
///
/// The argument says what the store is, `event_store`, `read_model_store` or, for both, `store`, and names an expression
/// that is a future of a fresh, empty [`Fixture`](crate::conformance::Fixture). It is evaluated for every case anew.
/// Attributes in front go to every test.
///
/// ```
/// # use cqrs_core::{MemoryStore, conformance::Fixture};
/// async fn memory() -> Fixture<MemoryStore> {
///     Fixture::new(MemoryStore::new())
/// }
///
/// mod log_only {
///     cqrs_core::conformance! { #[ignore = "takes a minute"] event_store: super::memory() }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! conformance {
    ($(#[$attribute:meta])* store: $fixture:expr $(,)?) => {
        $crate::conformance! { $(#[$attribute])* event_store: $fixture }
        $crate::conformance! { $(#[$attribute])* read_model_store: $fixture }
    };
    ($(#[$attribute:meta])* event_store: $fixture:expr $(,)?) => {
        async fn __conformance_log() -> $crate::conformance::Fixture<dyn $crate::EventStore> {
            $fixture.await.events()
        }

        $crate::__conformance_tests! {
            [$(#[$attribute])*] __conformance_log
            s1_atomic {
                append_over_several_streams_keeps_its_order
                refused_append_leaves_no_trace
                refused_append_takes_no_other_of_its_batch_along
                append_becomes_visible_at_once
                append_whose_future_is_dropped_is_whole_or_absent
            }
            s2_one_order {
                what_writes_nothing_leaves_no_gap
                readers_beside_many_writers_miss_nothing
            }
            s3_versions {
                versions_follow_positions
                streams_are_told_apart_byte_by_byte
            }
            s4_durable {
                everything_survives_a_restart
            }
            s5_concurrency {
                one_of_many_wins_when_held_before_the_read
                one_of_many_wins_when_held_during_the_read
                one_of_many_wins_when_held_after_the_read
                one_of_two_creators_wins
                one_of_a_batch_wins
            }
            s6_conditions {
                every_expectation_is_judged
                all_conditions_must_hold
                appends_build_on_appends_that_were_written
                query_conditions_are_judged
                query_conditions_see_their_batch
                conditions_alone_are_confirmed_and_forgotten
                empty_append_and_empty_batch_are_answered
            }
            s6_boundaries {
                one_seat_is_taken_once_when_held_before_the_read
                one_seat_is_taken_once_when_held_during_the_read
                one_seat_is_taken_once_when_held_after_the_read
                course_is_filled_and_never_overbooked
            }
            s7_claims {
                second_taker_is_told_the_holder
                replacing_frees_what_was_held
                only_the_holder_releases
                claims_of_an_append_are_changed_in_order
                claims_see_their_batch
                conditions_come_before_claims
                one_of_many_takers_wins
                any_text_can_be_claimed
            }
            s8_requests {
                repeated_request_writes_nothing
                repetition_is_answered_before_its_conditions
                request_is_known_within_its_batch
                one_of_many_repetitions_writes
                requests_of_claims_alone_are_remembered
            }
            s9_reading {
                stream_is_read_from_a_version_with_a_limit
                filters_choose_the_same_in_pages_of_any_size
                page_says_how_far_it_was_read
                long_log_is_read_to_its_end
            }
            s9_waiting {
                wait_ends_with_a_commit_and_not_before
                wait_is_for_a_position
                no_waiter_sleeps_through_its_event
                dropped_waits_leave_nothing_behind
            }
            s10_nothing_is_dropped {
                payloads_are_kept_to_the_byte
                metadata_is_kept_whole
                names_of_any_kind_are_kept
            }
            snapshots {
                snapshots_are_kept_to_the_byte
                later_snapshots_replace_earlier_ones
                snapshots_of_another_shape_replace_any
                the_latest_of_many_stays
                snapshots_survive_a_restart
            }
            model {
                random_histories_are_as_the_model_says
            }
        }
    };
    ($(#[$attribute:meta])* read_model_store: $fixture:expr $(,)?) => {
        async fn __conformance_rows() -> $crate::conformance::Fixture<dyn $crate::ReadModelStore> {
            $fixture.await.read_models()
        }

        $crate::__conformance_tests! {
            [$(#[$attribute])*] __conformance_rows
            r1_rows {
                preparing_again_changes_nothing
                another_shape_is_refused
                rows_and_checkpoint_are_written_together
                moved_checkpoint_writes_nothing
                one_of_many_runners_commits
                readers_see_rows_and_checkpoint_of_one_commit
                rows_are_loaded_in_the_order_of_their_keys
                values_of_every_type_are_kept
                keys_of_any_text_are_told_apart
                rows_survive_a_restart
            }
            r1_selection {
                filters_choose_rows
                orders_are_whole
                reading_goes_on_behind_any_row
                paging_does_not_shift_under_inserts
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_tests {
    // The attributes stay one token tree, because a macro cannot repeat them within the repetition of the cases.
    ($attributes:tt $fixture:ident $($rule:ident { $($case:ident)* })*) => {
        $(mod $rule {
            $($crate::__conformance_tests! { $attributes $fixture $rule::$case })*
        })*
    };
    ([$($attribute:tt)*] $fixture:ident $rule:ident::$case:ident) => {
        #[test]
        $($attribute)*
        fn $case() {
            $crate::conformance::run(super::$fixture(), $crate::conformance::$rule::$case);
        }
    };
}
