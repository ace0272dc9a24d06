/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of docs/consensus.md with nothing around them: four validators, of whom three are honest. The fourth signs
 * everything and proposes anything, so a certificate is two honest votes. What was said can be known to anybody or to
 * nobody: an honest validator acts on any certificate that exists, or does not act. What each was shown is therefore no
 * part of the state, messages need no queues, and a crash that keeps the journal changes nothing but the view.
 * liveness.pml asks what an honest validator can still show. The three are alike, so states are kept in one order of
 * them (sort). tests/model/run.sh says which configurations are walked through.
 *
 *   VIEWS        views of the epoch, at most 3
 *   LIAR_LEADS   the view that the liar leads, with two blocks; the others bring one
 *   DIVERGES     so many times an honest validator comes back and computes other results
 *   CRASHES      so many times one comes back in the first view
 *   LOST         so many journals are lost; all that is asked then is whether somebody votes again in a view whose votes
 *                it has forgotten, so there is one kind of vote and any two of them lead out of a view
 *   EPOCH        the block of height 1 ends the epoch: it is proposed itself again until it is final
 * Faults: NO_R1, NO_R2, NO_R3, NO_R4, R4_ANCESTORS_ONLY, NO_FLOOR, FLOOR_M (M for M + 1), STALE_ANSWERS,
 * COUNT_RECOVERING, CHILD_INSTEAD.
 */
#ifndef VIEWS
#define VIEWS 3
#endif
#ifndef LIAR_LEADS
#define LIAR_LEADS 2
#endif

/* Blocks 2 v - 1 and 2 v are those that view v can bring; 0 is what the epoch began on. */
#define BLOCKS (2 * VIEWS + 1)
#define UNKNOWN 255
#define VIEW_OF(b) (((b) + 1) / 2)
#ifdef DIVERGES
#define RESULTS 2
#define SALT(h) salt[h]
#else
#define RESULTS 1
#define SALT(h) 0
#endif
#define FINALIZED(h, s) finalized[(h) + 3 * (s)]
#define FINAL(s, x) \
  ((((FINALIZED(0, s) & FINALIZED(1, s)) | (FINALIZED(0, s) & FINALIZED(2, s)) | \
     (FINALIZED(1, s) & FINALIZED(2, s))) & (x)) != 0)
#define IN(v, b) (1 << (((v) - 1) * BLOCKS + (b)))
#define OF_VIEW(v) (((1 << BLOCKS) - 1) << (((v) - 1) * BLOCKS))
#define BIT(v) (1 << (v))
/* A quorum with the liar. */
#define TWO(votes, x) ((((votes[0] & votes[1]) | (votes[0] & votes[2]) | (votes[1] & votes[2])) & (x)) != 0)

/* What each honest validator ever said: Notarize and Finalize by view and block, Nullify by view. A result is told by
 * whether it diverged; the second three of `finalized` are for those that did. */
int notarized[3], finalized[3 * RESULTS];
byte nullified[3];
/* A view that it has voted in, and by which it is known to have entered that one. */
byte view[3];
byte parent[BLOCKS];
#ifdef DIVERGES
bit salt[3];
byte diverged;
#endif
#ifdef CRASHES
byte crashed;
#endif
#ifdef LOST
/* Views whose votes it has forgotten, and above which it votes: UNKNOWN until enough others have answered. */
byte forgotten[3], floor[3], lost;
#endif
#ifdef EPOCH
/* The block on which it began the next epoch, whose first block it voted for; 0: it has not. */
byte next_epoch[3];
#endif

/* Scratch: zero between two steps. */
byte h, v, b, p, w, t, c;
int x;
bit good;

#ifdef LOST
/* The journals lost are those of 0, and of 1 if there are two: the names do not matter. */
#define KNOWS(h, v) ((forgotten[h] & BIT(v)) == 0)
#define SPOKE(h, v) ((notarized[h] & OF_VIEW(v)) != 0)
#define MAY_VOTE(h, v) (floor[h] != UNKNOWN && (v) > floor[h])
#ifdef COUNT_RECOVERING
#define ANSWERS_COUNT(i) true
#else
#define ANSWERS_COUNT(i) (floor[i] == 0 || (floor[i] != UNKNOWN && view[i] > floor[i]))
#endif
#else
#define KNOWS(h, v) true
#define MAY_VOTE(h, v) true
#endif
#ifdef DIVERGES
#define ALL_FINALIZED(h) (FINALIZED(h, 0) | FINALIZED(h, 1))
#else
#define ALL_FINALIZED(h) finalized[h]
#endif
#ifdef EPOCH
#define IN_EPOCH(h) (next_epoch[h] == 0)
#else
#define IN_EPOCH(h) true
#endif
#define SAID_NOTARIZE(h, v) ((notarized[h] & OF_VIEW(v)) != 0 && KNOWS(h, v))
#define SAID_FINALIZE(h, v) ((ALL_FINALIZED(h) & OF_VIEW(v)) != 0 && KNOWS(h, v))
#define SAID_NULLIFY(h, v) ((nullified[h] & BIT(v)) != 0 && KNOWS(h, v))
#ifdef NO_R3
#define R3(h, v) ((notarized[h] & IN(v, b)) == 0)
#else
#define R3(h, v) (!SAID_NOTARIZE(h, v) && !SAID_NULLIFY(h, v))
#endif
#ifdef NO_R2
#define R2_NULLIFY(h, v) true
#define R2_FINALIZE(h, v) true
#else
#define R2_NULLIFY(h, v) !SAID_FINALIZE(h, v)
#define R2_FINALIZE(h, v) !SAID_NULLIFY(h, v)
#endif

/* good = a is `below` or an ancestor of it */
inline is_ancestor(a, below) {
  t = below;
  do
  :: t > a -> t = parent[t]
  :: else -> break
  od;
  good = (t == a)
}

/* R1 for view v on p: good = p is notarized, and every view between is nullified. */
inline chain_holds() {
  good = false;
  w = v - 1;
  do
  :: w == 0 -> good = (p == 0); break
  :: w > 0 && p != 0 && TWO(notarized, IN(w, p)) -> good = true; break
  :: else ->
#ifndef NO_R1
     if
     :: !TWO(nullified, BIT(w)) -> break
     :: else
     fi;
#endif
     w--
  od;
  w = 0
}

/* Block b became final with my result: it must be of one chain with everything else that is, and have one result. */
inline check_fork() {
  w = 1;
  do
  :: w <= VIEWS ->
     c = 1;
     do
     :: c < BLOCKS ->
        if
        :: FINAL(SALT(h), IN(w, c)) ->
           if
           :: c <= b -> is_ancestor(c, b)
           :: else -> is_ancestor(b, c)
           fi;
           assert(good)
        :: else
        fi;
#ifdef DIVERGES
        if
        :: FINAL(1 - SALT(h), IN(w, c)) -> assert(false)
        :: else
        fi;
#endif
        c++
     :: else -> break
     od;
     w++
  :: else -> break
  od;
  w = 0
}

#ifdef EPOCH
/* Two honest validators voted for the first block of the next epoch on `base`: it is final there at the height above
 * base, so nothing of this epoch may be. */
inline check_epochs(base) {
  w = 1;
  do
  :: w <= VIEWS ->
     c = 1;
     do
     :: c < BLOCKS -> assert(c == base || !FINAL(0, IN(w, c))); c++
     :: else -> break
     od;
     w++
  :: else -> break
  od;
  w = 0
}
#endif

inline exchange(one, other) { x = one; one = other; other = x }

/* i and j in order, by what they said. */
inline order(i, j) {
  if
  :: notarized[i] > notarized[j] -> good = true
  :: notarized[i] == notarized[j] && finalized[i] > finalized[j] -> good = true
  :: notarized[i] == notarized[j] && finalized[i] == finalized[j] && nullified[i] > nullified[j] -> good = true
  :: else -> good = false
  fi;
  if
  :: good ->
     exchange(notarized[i], notarized[j]);
     exchange(finalized[i], finalized[j]);
     exchange(nullified[i], nullified[j]);
     exchange(view[i], view[j]);
#ifdef DIVERGES
     exchange(finalized[3 + i], finalized[3 + j]);
     exchange(salt[i], salt[j]);
#endif
#ifdef EPOCH
     exchange(next_epoch[i], next_epoch[j]);
#endif
#ifdef LOST
     exchange(forgotten[i], forgotten[j]);
     exchange(floor[i], floor[j]);
#endif
     skip
  :: else
  fi
}

inline sort() {
#ifndef LOST
  order(0, 1);
  order(1, 2);
  order(0, 1)
#else
#if LOST == 1
  order(1, 2)
#else
  skip
#endif
#endif
}

/* A view that h has entered, or can enter now: who enters one without saying anything in it might as well have entered
 * it later, so views change with votes only. Else v = 0. */
inline choose_view() {
  select(v : 1 .. VIEWS);
  if
  :: v < view[h] || !MAY_VOTE(h, v) -> v = 0
  :: v > view[h] && !TWO(nullified, BIT(v - 1)) && !TWO(notarized, OF_VIEW(v - 1)) -> v = 0
  :: else
  fi
}

inline notarize() {
  choose_view();
  if
  :: v == 0 -> goto none
  :: else
  fi;
  if
  :: b = 2 * v - 1
#ifndef LOST
  :: v == LIAR_LEADS -> b = 2 * v
#endif
#if defined(EPOCH) && !defined(CHILD_INSTEAD)
  /* The epoch's last block itself, once more. */
  :: v > 1 ->
     select(b : 1 .. 2 * (v - 1));
     if
     :: parent[b] == 0
     :: else -> goto none
     fi
#endif
  fi;
#ifdef LOST
  good = true;
#else
  /* A block that nobody has voted for is proposed by voting for it. */
  if
  :: VIEW_OF(b) < v -> p = b
  :: VIEW_OF(b) == v && parent[b] != UNKNOWN -> p = parent[b]
  :: VIEW_OF(b) == v && parent[b] == UNKNOWN ->
     select(p : 0 .. 2 * (v - 1));
     if
     :: p == 0
#ifndef EPOCH
     :: p != 0 && parent[p] != UNKNOWN
#elif defined(CHILD_INSTEAD)
     :: p != 0 && parent[p] == 0
#endif
     :: else -> goto none
     fi
  fi;
  d_step { chain_holds(); skip }
#endif
  if
  :: good && R3(h, v)
  :: else -> goto none
  fi;
  d_step {
#ifdef LOST
    assert(KNOWS(h, v));
#else
    if
    :: VIEW_OF(b) == v -> parent[b] = p
    :: else
    fi;
#endif
    view[h] = v;
    notarized[h] = notarized[h] | IN(v, b)
  }
}

inline nullify() {
  choose_view();
  if
  :: v != 0 && !SAID_NULLIFY(h, v) && R2_NULLIFY(h, v)
  :: else -> goto none
  fi;
  d_step {
    view[h] = v;
    nullified[h] = nullified[h] | BIT(v)
  }
}

/* R4: what I signed for this block, an ancestor or a descendant stands for the result that I would sign now. */
inline is_consistent() {
  good = true;
  w = 1;
  do
  :: w <= VIEWS ->
     c = 1;
     do
     :: c < BLOCKS && good ->
        if
        :: (FINALIZED(h, 1 - SALT(h)) & IN(w, c)) != 0 && c <= b -> is_ancestor(c, b); good = !good
#ifndef R4_ANCESTORS_ONLY
        :: (FINALIZED(h, 1 - SALT(h)) & IN(w, c)) != 0 && c > b -> is_ancestor(b, c); good = !good
#endif
        :: else
        fi;
        c++
     :: else -> break
     od;
     w++
  :: else -> break
  od;
  w = 0
}

inline finalize() {
  select(v : 1 .. VIEWS);
  if
  :: MAY_VOTE(h, v) && !SAID_FINALIZE(h, v) && R2_FINALIZE(h, v)
  :: else -> goto none
  fi;
  select(b : 1 .. 2 * v);
  if
  :: TWO(notarized, IN(v, b))
  :: else -> goto none
  fi;
#if defined(DIVERGES) && !defined(NO_R4)
  d_step {
    is_consistent();
    skip
  }
  if
  :: good
  :: else -> goto none
  fi;
#endif
  d_step {
    FINALIZED(h, SALT(h)) = FINALIZED(h, SALT(h)) | IN(v, b);
    if
    :: FINAL(SALT(h), IN(v, b)) -> check_fork()
    :: else
    fi;
#ifdef EPOCH
    b = 0;
    if
    :: next_epoch[0] != 0 && (next_epoch[0] == next_epoch[1] || next_epoch[0] == next_epoch[2]) -> b = next_epoch[0]
    :: else ->
       if
       :: next_epoch[1] != 0 && next_epoch[1] == next_epoch[2] -> b = next_epoch[1]
       :: else
       fi
    fi;
    if
    :: b != 0 -> check_epochs(b)
    :: else
    fi;
#endif
    skip
  }
}

#ifdef EPOCH
/* The last block is final: the next epoch begins on it, and its first block gets my vote there. */
inline begin_epoch() {
  select(v : 1 .. VIEWS);
  select(b : 1 .. BLOCKS - 1);
  if
  :: FINAL(0, IN(v, b))
  :: else -> goto none
  fi;
  d_step {
    if
    :: parent[b] != 0 -> b = parent[b]
    :: else
    fi;
    next_epoch[h] = b;
    c = (next_epoch[0] == b) + (next_epoch[1] == b) + (next_epoch[2] == b);
    if
    :: c >= 2 -> check_epochs(b)
    :: else
    fi;
    skip
  }
}
#endif

#ifdef LOST
/* Answers of all others: with the liar's that is a quorum. Of two who lost their journals neither counts for the
 * other. */
inline ask() {
  c = 0;
  do
  :: c < 3 ->
     if
     :: c == h
     :: c != h && ANSWERS_COUNT(c) ->
#ifdef STALE_ANSWERS
        select(w : 1 .. VIEWS);
        if
        :: w <= view[c]
        :: else -> goto none
        fi;
#else
        w = view[c];
#endif
        if
        :: w > p -> p = w
        :: else
        fi
     :: else -> goto none
     fi;
     c++
  :: else -> break
  od;
#ifdef FLOOR_M
  floor[h] = p
#else
  floor[h] = p + 1
#endif
}
#endif

active proctype network() {
  d_step {
    do
    :: b < BLOCKS -> parent[b] = UNKNOWN; b++
    :: else -> break
    od;
    parent[0] = 0;
    b = 0;
    view[0] = 1; view[1] = 1; view[2] = 1
  }
  do
  :: atomic {
       select(h : 0 .. 2);
       if
#ifdef LOST
       :: lost == h && lost < LOST ->
          lost++;
          view[h] = 1;
          forgotten[h] = (SPOKE(h, 1) << 1) | (SPOKE(h, 2) << 2) | (SPOKE(h, 3) << 3);
#ifndef NO_FLOOR
          floor[h] = UNKNOWN
#endif
       :: floor[h] == UNKNOWN -> ask()
#endif
       :: IN_EPOCH(h) -> notarize()
#ifndef LOST
       :: IN_EPOCH(h) -> nullify()
       :: IN_EPOCH(h) -> finalize()
#endif
#ifdef EPOCH
       :: next_epoch[h] == 0 -> begin_epoch()
#endif
#ifdef DIVERGES
       :: diverged < DIVERGES && !salt[h] -> salt[h] = 1; diverged++; view[h] = 1
#endif
#ifdef CRASHES
       :: crashed < CRASHES && view[h] > 1 -> crashed++; view[h] = 1
#endif
       :: else
       fi;
none:
       skip;
       d_step { h = 0; v = 0; b = 0; p = 0; w = 0; t = 0; c = 0; good = false; sort(); good = false; x = 0 }
     }
  od
}
