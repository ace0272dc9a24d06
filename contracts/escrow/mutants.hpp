// SPDX-License-Identifier: Apache-2.0
#pragma once

// Faults that tests plant at run time, in a build of the interpreter that only they link (cmake/escrow.cmake): each
// must be noticed by the suites of tests/escrow.

namespace contracts::escrow {

#ifdef TALLY_MUTANTS
struct Mutants {
  bool no_default_on_silence = false;
  bool no_deadline_queue = false;
  bool settle_twice = false;
  bool remainder_without_name = false;
  bool payout_that_can_fail = false;
  bool fact_fires_twice = false;
  bool lanes_share_a_pot = false;
  bool fork_inside_a_cycle = false;
  bool late_without_default = false;
  bool expired_offer_refunds = false;
  bool all_reuses_its_value = false;
};
inline Mutants planted;
#define ESCROW_PLANTED(fault) (planted.fault)
#else
#define ESCROW_PLANTED(fault) false
#endif

}  // namespace contracts::escrow
