using SlabGen.Caches;

namespace SlabGen;

// Which objects users hold: everything free is taken home first, so that what is left in slabs is theirs.
public sealed partial class KmemCache
{
    /// <summary>
    /// The addresses of the live objects; of a destroyed cache those that remain. What threads do meanwhile may or may
    /// not be in it. The caller holds no lock, because destructors run.
    /// </summary>
    internal HashSet<nint> ListLive()
    {
        TakeHomeQuietly(Patience.Short);
        HashSet<nint> free = _magazines.ListLeft();
        nint[] addresses;
        int listed;
        do
        {
            addresses = new nint[_slabs.InUse + ReportedAddresses]; // more than there are, or threads took some
            listed = _slabs.ListInUse(addresses, free, out _);
        }
        while (listed == addresses.Length);

        bool anyWaits = _deferred.Count > 0 || _quarantine?.Count > 0;
        var live = new HashSet<nint>(listed);
        foreach (nint address in addresses.AsSpan(0, listed))
        {
            if (!anyWaits || !(_deferred.Holds(address) || _quarantine?.Holds(address) == true))
            {
                live.Add(address);
            }
        }

        return live;
    }

    /// <summary>What is live now and was not then, as a leak is reported.</summary>
    /// <param name="before">What was live then.</param>
    internal LeakReport LeakedSince(HashSet<nint> before)
    {
        nint[] leaked = [.. ListLive().Where(address => !before.Contains(address))];
        Array.Sort(leaked);
        nint[] first = leaked.Length > ReportedAddresses ? leaked[..ReportedAddresses] : leaked;
        return new LeakReport(Name, leaked.Length, first);
    }
}
