/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an honest validator can still show: from every state of two views, with certificates that the liar completed for
 * one validator alone and crashes of each, faults may stop. Then the liar is silent, everything that somebody honest
 * holds or said again arrives, and within four views one must come that an honest leader can lead and that nobody has
 * spoken in: it ends in a finalization.
 *
 * Faults: VOLATILE_ENTRY, VOLATILE_NOTARIZATION, VOLATILE_BYTES, NOT_REPLAYED.
 */
#define VIEWS 2
#define ROUNDS 4
#define BIT(v) (1 << (v))
#define TWO(votes, v) ((((votes[0] & votes[1]) | (votes[0] & votes[2]) | (votes[1] & votes[2])) & BIT(v)) != 0)

/* Sets of views, by honest validator: votes said; of those, what is said again; certificates in hand, and those in the
 * journal; blocks whose bytes are here. */
byte notarized[3], nullified[3], finalized[3], repeated[3];
byte has_notarization[3], has_nullification[3], kept_notarization[3], kept_nullification[3], bytes[3];
byte view[3];
bit by_notarization[3], crashed[3];

byte h, v, w, a, n;
bit live;

/* The certificate by which the view was entered goes into the journal with its first vote. */
inline keep_entry() {
#ifndef VOLATILE_ENTRY
  if
  :: view[h] > 1 && by_notarization[h] -> kept_notarization[h] = kept_notarization[h] | BIT(view[h] - 1)
  :: view[h] > 1 && !by_notarization[h] -> kept_nullification[h] = kept_nullification[h] | BIT(view[h] - 1)
  :: else
  fi;
#endif
  repeated[h] = repeated[h] | BIT(view[h])
}

inline recover() {
  has_notarization[h] = kept_notarization[h];
  has_nullification[h] = kept_nullification[h];
  view[h] = 1;
  v = 1;
  do
  :: v <= VIEWS ->
     if
     :: (has_notarization[h] | has_nullification[h]) & BIT(v) ->
        view[h] = v + 1;
        by_notarization[h] = ((has_notarization[h] & BIT(v)) != 0)
     :: else
     fi;
     v++
  :: else -> break
  od;
#ifdef VOLATILE_BYTES
  bytes[h] = 0;
#endif
#ifdef NOT_REPLAYED
  repeated[h] = 0;
#endif
  crashed[h] = true
}

/* Everything arrives; who cannot go on times out. a and n are the notarizations and nullifications that somebody can
 * show. */
inline continue() {
  w = 0;
  do
  :: w < ROUNDS && !live ->
     a = has_notarization[0] | has_notarization[1] | has_notarization[2];
     n = has_nullification[0] | has_nullification[1] | has_nullification[2];
     a = a | (notarized[0] & notarized[1] & notarized[2] & repeated[0] & repeated[1] & repeated[2]);
     n = n | (nullified[0] & nullified[1] & nullified[2] & repeated[0] & repeated[1] & repeated[2]);
     v = 1;
     do
     :: v <= VIEWS + ROUNDS ->
        if
        :: (a | n) & BIT(v) ->
           h = 0;
           do
           :: h < 3 ->
              if
              :: view[h] <= v -> view[h] = v + 1
              :: else
              fi;
              h++
           :: else -> break
           od
        :: else
        fi;
        v++
     :: else -> break
     od;
     v = view[0];
     if
     :: v == view[1] && v == view[2] && !((notarized[0] | notarized[1] | notarized[2] | nullified[0] | nullified[1] |
                                           nullified[2] | finalized[0] | finalized[1] | finalized[2]) & BIT(v)) ->
        /* The leader needs a parent: the newest notarized block that is here, with all views above it nullified. */
        do
        :: v == 1 -> live = true; break
        :: v > 1 && (a & BIT(v - 1)) && ((bytes[0] | bytes[1] | bytes[2]) & BIT(v - 1)) -> live = true; break
        :: else ->
           if
           :: n & BIT(v - 1) -> v--
           :: else -> break
           fi
        od
     :: else ->
        h = 0;
        do
        :: h < 3 ->
           if
           :: !(finalized[h] & BIT(view[h])) && !(nullified[h] & BIT(view[h])) ->
              nullified[h] = nullified[h] | BIT(view[h]);
              repeated[h] = repeated[h] | BIT(view[h])
           :: else
           fi;
           h++
        :: else -> break
        od
     fi;
     w++
  :: else -> break
  od;
  assert(live)
}

active proctype network() {
  d_step { view[0] = 1; view[1] = 1; view[2] = 1 }
  do
  :: atomic {
       select(h : 0 .. 2);
       if
       :: view[h] <= VIEWS && !((notarized[h] | nullified[h]) & BIT(view[h])) ->
          keep_entry();
          notarized[h] = notarized[h] | BIT(view[h]);
          bytes[h] = bytes[h] | BIT(view[h])
       :: view[h] <= VIEWS && !((finalized[h] | nullified[h]) & BIT(view[h])) ->
          keep_entry();
          nullified[h] = nullified[h] | BIT(view[h])
       :: view[h] <= VIEWS && (TWO(notarized, view[h]) ||
                               ((has_notarization[0] | has_notarization[1] | has_notarization[2]) & BIT(view[h]))) ->
          has_notarization[h] = has_notarization[h] | BIT(view[h]);
          by_notarization[h] = true;
          view[h]++
       :: view[h] <= VIEWS && (TWO(nullified, view[h]) ||
                               ((has_nullification[0] | has_nullification[1] | has_nullification[2]) & BIT(view[h]))) ->
          has_nullification[h] = has_nullification[h] | BIT(view[h]);
          by_notarization[h] = false;
          view[h]++
       :: (has_notarization[h] & ~(finalized[h] | nullified[h])) != 0 ->
          v = 1;
          do
          :: !((has_notarization[h] & ~(finalized[h] | nullified[h])) & BIT(v)) -> v++
          :: else -> break
          od;
          if
          :: (bytes[0] | bytes[1] | bytes[2]) & BIT(v) ->
             bytes[h] = bytes[h] | BIT(v);
             finalized[h] = finalized[h] | BIT(v);
             repeated[h] = repeated[h] | BIT(v);
#if !defined(VOLATILE_NOTARIZATION) && !defined(VOLATILE_ENTRY)
             kept_notarization[h] = kept_notarization[h] | BIT(v)
#endif
          :: else
          fi
       :: !crashed[h] -> d_step { recover() }
       :: else
       fi;
       d_step { h = 0; v = 0 }
     }
  :: atomic {
       d_step { continue(); h = 0 }
       goto stopped
     }
  od;
stopped:
  skip
}
