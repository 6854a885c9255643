using System.Collections.Concurrent;

namespace SlabGen.Stress.Scenarios;

/// <summary>All caches of the catalogue and all ways to allocate and free, by threads that hand their objects on and die.</summary>
internal sealed class Caches : Scenario
{
    public override string Name => "caches";

    public override void Run(Crew crew)
    {
        Kind[] kinds = Catalogue.Make(crew);
        var queue = new ConcurrentQueue<Held>();
        crew.StartAll(worker => Work(worker, kinds, queue, new Stock()));
        crew.Join();
        crew.Start(worker =>
        {
            var left = new Stock();
            while (queue.TryDequeue(out Held held))
            {
                left.Add(held);
            }

            left.FreeAll(worker);
        });
        crew.Join();
        Array.ForEach(kinds, kind => Crew.Destroy(kind.Cache));
    }

    /// <summary>One life of a chain: works for a while, starts a successor that inherits its objects, and dies.</summary>
    private static void Work(Worker worker, Kind[] kinds, ConcurrentQueue<Held> queue, Stock stock)
    {
        for (int steps = worker.Random.Next(10, 3000); steps > 0 && !worker.IsOver; steps--)
        {
            Kind kind = kinds[worker.Random.Next(kinds.Length)];
            bool full = stock.Bytes > worker.Crew.Round.BytesOfWorker;
            switch (worker.Random.Next(full ? 8 : 0, 20))
            {
                case < 8:
                    Takes.One(worker, kind, stock);
                    break;
                case < 10:
                    stock.CheckOne(worker);
                    break;
                case 10:
                    stock.Trade(worker, queue);
                    break;
                case 11 when !full:
                    Takes.Several(worker, kind, stock);
                    break;
                case 12 when worker.OneIn(20):
                    stock.FreeAll(worker);
                    Takes.WithoutFail(worker, kind, stock);
                    break;
                case 13 when stock.Count > 0:
                    stock.FreeBulk(worker, 32);
                    break;
                default:
                    if (stock.Count > 0)
                    {
                        stock.FreeOne(worker);
                    }

                    break;
            }
        }

        if (worker.IsOver)
        {
            stock.FreeAll(worker);
        }
        else
        {
            worker.Crew.Start(successor => Work(successor, kinds, queue, stock));
        }
    }
}
