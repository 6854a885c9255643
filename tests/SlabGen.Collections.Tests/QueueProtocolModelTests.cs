namespace SlabGen.Collections.Tests;

/// <summary>
/// The protocol of a concurrent <see cref="SlabQueue{T}"/> as a model: every interleaving of the two sides' loads and
/// stores, for rings with room for one item and for two, is run. In each, items come in order, none is lost, and no ring
/// is touched after it was freed. Loads and stores are taken as they are written: that release and acquire keep that
/// order is the memory model's part.
/// </summary>
public sealed class QueueProtocolModelTests
{
    private const int Items = 6;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_interleaving_keeps_the_order(int slots) => Assert.True(Explore(slots, nextFirst: true) > 300);

    /// <summary>The order that the comment of the queue demands matters: a Last that is read before the Next loses items.</summary>
    [Fact]
    public void A_last_that_is_read_before_the_next_loses_items() =>
        Assert.ThrowsAny<Exception>(() => Explore(2, nextFirst: false));

    private static int Explore(int slots, bool nextFirst)
    {
        var seen = new HashSet<string>();
        var open = new Stack<State>();
        open.Push(new State(slots));
        while (open.TryPop(out State? state))
        {
            if (!seen.Add(state.ToString()))
            {
                continue;
            }

            state.Copy().RunToTheEnd(nextFirst);
            foreach (bool producer in (bool[])[true, false])
            {
                State next = state.Copy();
                if (producer ? next.Produce() : next.Consume(nextFirst))
                {
                    open.Push(next);
                }
            }
        }

        return seen.Count;
    }

    private sealed class Ring(int slots)
    {
        public int First, LastSeen, Last, FirstSeen, Next = -1;
        public bool Freed;
        public int[] Items = new int[slots];

        public Ring Copy()
        {
            var copy = (Ring)MemberwiseClone();
            copy.Items = [.. Items];
            return copy;
        }

        public override string ToString() => $"{First},{LastSeen},{Last},{FirstSeen},{Next},{Freed}:{string.Join('.', Items)}";
    }

    /// <summary>One step of a side is one load or store that the other side can see.</summary>
    private sealed class State(int slots)
    {
        private List<Ring> _rings = [];
        private int _head = -1, _tail = -1, _put, _taken, _step, _made, _consumerStep, _at, _next, _item;

        public State Copy()
        {
            var copy = (State)MemberwiseClone();
            copy._rings = [.. _rings.Select(ring => ring.Copy())];
            return copy;
        }

        /// <summary>From any state on all comes through, if both sides go on.</summary>
        public void RunToTheEnd(bool nextFirst)
        {
            for (int i = 0; i < 20 * Items && (Produce() | Consume(nextFirst)); i++)
            {
            }

            Assert.Equal((Items, Items), (_put, _taken));
        }

        public override string ToString() =>
            $"{_head} {_tail} {_put} {_taken} {_step} {_made} {_consumerStep} {_at} {_next} {_item} | {string.Join(" | ", _rings)}";

        /// <returns>Whether there was a step.</returns>
        public bool Produce()
        {
            if (_put == Items)
            {
                return false;
            }

            Ring? tail = _tail < 0 ? null : Live(_tail);
            int behind = tail is null ? 0 : (tail.Last + 1) % slots;
            switch (_step)
            {
                case 0 when tail is not null && behind != tail.FirstSeen: // there is room, as it seems
                    tail.Items[tail.Last] = _put;
                    _step = 1;
                    break;
                case 1: // shows the item
                    tail!.Last = behind;
                    (_put, _step) = (_put + 1, 0);
                    break;
                case 0 when tail is not null: // looks again
                    tail.FirstSeen = tail.First;
                    _step = behind != tail.FirstSeen ? 0 : 2;
                    break;
                case 0 or 2: // a ring that nobody sees yet
                    _rings.Add(new Ring(slots) { Last = 1 });
                    _made = _rings.Count - 1;
                    _rings[_made].Items[0] = _put;
                    _step = 3;
                    break;
                default: // links it
                    if (tail is null)
                    {
                        _head = _made;
                    }
                    else
                    {
                        tail.Next = _made;
                    }

                    (_tail, _put, _step) = (_made, _put + 1, 0);
                    break;
            }

            return true;
        }

        /// <returns>Whether there was a step.</returns>
        public bool Consume(bool nextFirst)
        {
            if (_taken == Items)
            {
                return false;
            }

            switch (_consumerStep)
            {
                case 0: // the first ring, if there is one
                    _at = _head;
                    _consumerStep = _at < 0 ? 0 : Live(_at).First != Live(_at).LastSeen ? 3 : 1;
                    break;
                case 1: // one of Next and Last, in the right order or not
                    Look(nextFirst);
                    _consumerStep = 2;
                    break;
                case 2: // and the other
                    Look(!nextFirst);
                    _consumerStep = Live(_at).First != Live(_at).LastSeen ? 3 : _next < 0 ? 0 : 5;
                    break;
                case 3: // takes the item
                    _item = Live(_at).Items[Live(_at).First];
                    Assert.Equal(_taken, _item);
                    _consumerStep = 4;
                    break;
                case 4: // gives up its slot
                    Live(_at).First = (Live(_at).First + 1) % slots;
                    (_taken, _consumerStep) = (_taken + 1, 0);
                    break;
                default: // frees the ring, which is empty for good
                    _head = _next;
                    Live(_at).Freed = true;
                    _consumerStep = 0;
                    break;
            }

            return true;
        }

        private void Look(bool next)
        {
            Ring ring = Live(_at);
            if (next)
            {
                _next = ring.Next;
            }
            else
            {
                ring.LastSeen = ring.Last;
            }
        }

        private Ring Live(int ring)
        {
            Assert.False(_rings[ring].Freed, $"ring {ring} was freed");
            return _rings[ring];
        }
    }
}
