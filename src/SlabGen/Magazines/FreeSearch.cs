using SlabGen.Memory;

namespace SlabGen.Magazines;

/// <summary>A look for a free object of a cache, while magazines move.</summary>
/// <remarks>
/// <para>No is certain: an object that was free all the time is not missed because it moved. There are four ways to
/// move, and each is seen. Between a thread's magazines, and into and out of a thread, an object moves under that
/// thread's gate (<see cref="CompilerServices.ThreadCache.MayHoldFree"/>). When a magazine leaves a depot, the depot
/// counts it before it is gone (<see cref="DepotSteps{TWords}"/>). Moving into or out of slabs is a visit there, which
/// is counted first. If neither number changed, an object can only have moved once, from a thread into a depot, and the
/// depots are looked at again. A magazine on its way from a depot into the slabs belongs to the depot until it is
/// empty.</para>
/// <para>So a no is always justified. The request behind it takes no lock, and must not fail because objects change
/// places.</para>
/// <para>The tests run this very code over words of their own, in every order (<see cref="ISharedWords"/>).</para>
/// </remarks>
internal static class FreeSearch<TWords>
    where TWords : struct, ISharedWords
{
    /// <summary>How often it looks before it says yes because things moved each time.</summary>
    private const int Looks = 4;

    /// <param name="places">Where to look.</param>
    /// <param name="orRoom">Whether to ask, at the same moment, for room in the slabs too.</param>
    public static bool MayFind(IFreePlaces places, bool orRoom)
    {
        for (int look = 0; look < Looks; look++)
        {
            long visits = places.SlabVisits, fullsTaken = places.FullsTaken;
            if (places.DepotsMayHaveFull || places.OthersMayHaveFree || places.DepotsMayHaveFull)
            {
                return true;
            }

            if (orRoom && places.SlabsHaveRoom)
            {
                return true;
            }

            Volatile.ReadBarrier(); // also plain reads come before the question whether all that was one moment
            if (visits == places.SlabVisits && fullsTaken == places.FullsTaken)
            {
                return false;
            }
        }

        return true;
    }
}
