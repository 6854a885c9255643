using static SlabGen.Fuzz.FuzzException;

namespace SlabGen.Fuzz;

// What is done to the runtime as a whole.
public sealed partial class World
{
    private void OfRuntime()
    {
        switch (_script.Below(8))
        {
            case 0:
                Note("shrinks all");
                _runtime.Shrink();
                break;
            case 1:
                Note("drops caches");
                _runtime.DropCaches();
                break;
            case 2 or 3:
                Note("validates");
                ValidationReport report = _runtime.Validate();
                Require(report.IsClean, report.ToString());
                break;
            case 4:
                Note("formats");
                Require((SlabInfo.Format(_runtime) + BuddyInfo.Format(_runtime) + ZoneInfo.Format(_runtime) + MemInfo.Format(_runtime)).Length > 100, "There is nothing to see.");
                break;
            case 5:
                DescribeAll();
                break;
            case 6 when _script.OneIn(8): // takes some milliseconds
                Note("waits for readers");
                Rcu.Barrier();
                break;
            default:
                Note("is a reader");
                using (Rcu.Read())
                {
                    Require(Rcu.IsReading, "Nobody reads.");
                    Refused<InvalidOperationException>("waits for itself", Rcu.Synchronize);
                }

                break;
        }
    }

    private void DescribeAll()
    {
        Note("describes what it holds");
        foreach (FuzzCache cache in _caches)
        {
            foreach (Live live in cache.Objects)
            {
                AddressInfo info = _runtime.Describe(live.Address + (live.Size / 2));
                Equal((AddressKind.LiveObject, cache.Cache, live.Address), (info.Kind, info.Cache, info.Start), $"what 0x{live.Address:x} is");
            }
        }

        foreach ((PagePtr page, Live? contents, _) in _pages)
        {
            if (contents is not null)
            {
                Equal(AddressKind.PageBlock, _runtime.Describe(contents.Address).Kind, $"what {page} is");
            }
        }
    }

    private void InjectFaults()
    {
        if (_refuses && _script.OneIn(2))
        {
            Note("refuses nothing any more");
            _runtime.Faults.Clear();
            _refuses = false;
            return;
        }

        var attributes = new FaultAttributes
        {
            Probability = _script.Any(100.0, 50, 10, 1), Interval = 1 + _script.Below(20), Times = _script.OneIn(2) ? _script.Below(20) : null, Space = _script.Below(20), Seed = _script.Byte(),
        };
        FaultPoint point = _script.Any(Enum.GetValues<FaultPoint>());
        Note($"refuses {point}: {attributes}");
        _runtime.Faults.Inject(point, attributes);
        _refuses = true;
    }
}
