using System.Diagnostics.CodeAnalysis;

namespace SlabGen.Stress.Scenarios;

/// <summary>Threads with a context whose waits run users' code, which uses the caches that the wait may be about.</summary>
internal sealed class Contexts : Scenario
{
    public override string Name => "contexts";

    public override void Run(Crew crew)
    {
        KmemCache[] caches =
        [
            crew.Runtime.CreateCache(crew.NameOf("few-rounds"), 64, new SlabCacheOptions { MagazineRounds = 2, DepotBytes = 4 * 64, ReuseDistanceBytes = 0 }),
            crew.Runtime.CreateCache(crew.NameOf("checked"), 64, new SlabCacheOptions { Checked = true }),
        ];
        for (int i = 0; i < Math.Clamp(crew.Threads, 4, 16); i++)
        {
            crew.Start(worker =>
            {
                SynchronizationContext.SetSynchronizationContext(new WaitingContext(worker, caches));
                while (!worker.IsOver)
                {
                    Use(worker, caches, 8);
                }

                SynchronizationContext.SetSynchronizationContext(null); // later waits of this thread are not for the caches, which go
            });
        }

        crew.Start(worker =>
        {
            while (!worker.IsOver)
            {
                worker.Journal.Note("shrinks");
                try
                {
                    caches[worker.Random.Next(caches.Length)].Shrink();
                }
                catch (Exception error) when (Planned.InReclaim(error))
                {
                }

                Thread.Yield();
            }
        });
        crew.Join();
        Array.ForEach(caches, Crew.Destroy);
    }

    private static void Use(Worker worker, KmemCache[] caches, int count)
    {
        KmemCache cache = caches[worker.Random.Next(caches.Length)];
        var mine = new (nint Address, ulong Stamp)[count];
        worker.Journal.Note($"allocates and frees {count}", cache.Name);
        for (int i = 0; i < count; i++)
        {
            try
            {
                if (!cache.TryAlloc(out mine[i].Address))
                {
                    continue;
                }
            }
            catch (Exception error) when (Planned.InReclaim(error))
            {
                continue;
            }

            mine[i].Stamp = worker.NewStamp();
            Stamp.Write(mine[i].Address, 64, mine[i].Stamp);
        }

        foreach ((nint address, ulong stamp) in mine.Where(own => own.Address != 0))
        {
            Stamp.Check(address, 64, stamp, cache.Name);
            Stamp.WriteFreed(address, 64);
            cache.Free(address);
        }
    }

    /// <summary>As that of a user interface, which goes on with its messages while it waits.</summary>
    private sealed class WaitingContext : SynchronizationContext
    {
        private readonly Worker _worker;
        private readonly KmemCache[] _caches;
        private int _depth;

        [SuppressMessage("Interoperability", "CA1416", Justification = "A wait notification is asked for on every system.")]
        public WaitingContext(Worker worker, KmemCache[] caches)
        {
            (_worker, _caches) = (worker, caches);
            SetWaitNotificationRequired();
        }

        public override int Wait(nint[] waitHandles, bool waitAll, int millisecondsTimeout)
        {
            if (_depth < 3)
            {
                _depth++;
                try
                {
                    Use(_worker, _caches, 3);
                }
                catch (Exception error)
                {
                    _worker.Crew.Round.Fail(_worker.Journal, error); // it would come out of whoever waits
                }

                _depth--;
            }

            return WaitHelper(waitHandles, waitAll, millisecondsTimeout);
        }
    }
}
