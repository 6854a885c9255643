namespace SlabGen.Stress;

/// <summary>The ways to allocate objects of a cache.</summary>
internal static class Takes
{
    private static readonly GfpFlags[] s_flags = [GfpFlags.Kernel, GfpFlags.Atomic, GfpFlags.NoWait, GfpFlags.Kernel | GfpFlags.NoRetry, GfpFlags.HighPriority];

    public static void One(Worker worker, Kind kind, Stock stock)
    {
        Random random = worker.Random;
        bool zero = !kind.IsConstructed && worker.OneIn(4);
        bool taken;
        nint address;
        worker.Journal.Note("allocates", kind.Cache.Name);
        try
        {
            switch (random.Next(4))
            {
                case 0:
                    address = zero ? kind.Cache.AllocZeroed() : kind.Cache.Alloc();
                    taken = true;
                    break;
                case 1:
                    zero = false;
                    taken = kind.Cache.TryAlloc(out address);
                    break;
                default:
                    GfpFlags gfp = s_flags[random.Next(s_flags.Length)] | (zero ? GfpFlags.Zero : 0);
                    taken = kind.Cache.TryAlloc(gfp, out address, random.Next(4) == 0 ? random.Next(worker.Crew.Runtime.Pages.NodeCount) : -1);
                    break;
            }
        }
        catch (Exception error) when (Planned.InAlloc(error))
        {
            return;
        }

        if (taken)
        {
            stock.Accept(worker, kind, address, zero);
        }
    }

    /// <summary>By a bulk, or by a reservation of which some are left.</summary>
    public static unsafe void Several(Worker worker, Kind kind, Stock stock)
    {
        int count = worker.Random.Next(1, Math.Clamp(200_000 / kind.Size, 2, 300));
        worker.Journal.Note($"allocates {count}", kind.Cache.Name);
        try
        {
            if (worker.OneIn(2))
            {
                nint[] addresses = new nint[count];
                kind.Cache.AllocBulk(addresses);
                Array.ForEach(addresses, address => stock.Accept(worker, kind, address));
                return;
            }

            using var reservation = new SlabReservation<long>(kind.Cache, count);
            for (int i = worker.Random.Next(count); i > 0; i--)
            {
                stock.Accept(worker, kind, reservation.Alloc().Address);
            }
        }
        catch (Exception error) when (Planned.InAlloc(error))
        {
        }
    }

    /// <summary>As long as it takes; the caller holds nothing that others could wait for.</summary>
    public static void WithoutFail(Worker worker, Kind kind, Stock stock)
    {
        if (!kind.MayWaitForEver)
        {
            return;
        }

        nint address;
        worker.Journal.Note("allocates, and waits for it", kind.Cache.Name);
        try
        {
            address = kind.Cache.Alloc(GfpFlags.Kernel | GfpFlags.NoFail);
        }
        catch (Exception error) when (Planned.InReclaim(error))
        {
            return;
        }

        stock.Accept(worker, kind, address);
    }
}
