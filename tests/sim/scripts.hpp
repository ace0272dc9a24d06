// SPDX-License-Identifier: Apache-2.0
#pragma once

// Scenarios that chance would not find soon: what is lost and who crashes when is written down. Each begins with four
// machines without other faults, and says in its findings what went wrong.

#include "suite.hpp"

namespace sim {

/// R4: three of four finalize-vote block 1 with one result, the fourth with another; one of the three sees the
/// finalization and is cut off; the two others come back computing as the fourth does. They must halt, not fork.
Outcome play_divergence(Scenario const& scenario, bool verbose);

/// One is dead, the three others lose power when each has journaled its Nullify and heard of no other
/// (commonware #4275).
Outcome play_crash_after_nullify(Scenario const& scenario, bool verbose);

/// Two have nullified a view that a third has finalize-voted; its notarization, made with a vote that nobody else has,
/// is the only way out of it, and the third loses power.
Outcome play_crash_after_finalize(Scenario const& scenario, bool verbose);

/// No proposal arrives for twenty minutes; when they do again, ten views must not take longer than ten times ten
/// seconds (Besu #7642).
Outcome play_long_failure(Scenario const& scenario, bool verbose);

/// A validator runs twice and signs two things in each view that it leads. The others find it, report it, and go on
/// without it from the next epoch on.
Outcome play_expulsion(Scenario const& scenario, bool verbose);

/// A leader proposes in a view that nobody else has entered and loses its journal; it is started twice before anybody
/// can answer it. It must not propose in that view again, and has to vote later.
Outcome play_lost_journal(Scenario const& scenario, bool verbose);

/// A leader proposes in a view that it entered by the votes of two others; it and one of them lose their journals, and
/// the other one's twin has seen nothing. What the two have forgotten, neither can learn from the other.
Outcome play_two_lost_journals(Scenario const& scenario, bool verbose);

/// No transaction reaches another validator but in answers to those who ask for what a proposal names.
Outcome play_lost_gossip(Scenario const& scenario, bool verbose);

}  // namespace sim
