using SlabGen.Checking;
using SlabGen.Zones;

namespace SlabGen.Slabs;

// The marks of objects (ObjectMarks), where the slabs themselves change what an object is, or it leaves with its slab.
// Under the list lock. What was written over is told by a later call.
internal sealed partial class CacheSlabs
{
    /// <summary>An object comes to be live, past the magazines.</summary>
    private void MarkLive(nint address)
    {
        if (Marks is null)
        {
            States?.Set(address, ObjectStates.Live);
            return;
        }

        Marks.TryTake(address, default, out ObjectDamage? damage);
        if (damage is not null)
        {
            Keep(damage);
            Marks.TryTake(address, default, out _); // repaired
        }
    }

    /// <summary>An object comes to be free, past the magazines.</summary>
    /// <returns>What is wrong with it. Then nothing was done.</returns>
    private SlabFault MarkFree(nint address)
    {
        if (Marks is null)
        {
            return States is null || States.TryFree(address) ? SlabFault.None : States.FaultOf(address);
        }

        SlabFault fault = Marks.Free(address, default, out ObjectDamage? damage);
        if (damage is not null)
        {
            Keep(damage);
        }

        return fault;
    }

    /// <summary>The last look at the objects of a slab whose pages go.</summary>
    private unsafe void LookAtLeaving(Slab* slab)
    {
        for (int i = 0; Marks is not null && i < slab->Objects; i++)
        {
            Marks.Validate(slab->Memory + ((nint)i * Layout.Size), Keep);
        }
    }

    private unsafe void ValidateMarks(ValidationReport report, Slab* slab)
    {
        for (int i = 0; Marks is not null && i < slab->Objects; i++)
        {
            Marks.Validate(slab->Memory + ((nint)i * Layout.Size), damage => report.Add($"{damage.What}: {damage.Describe()}"));
        }
    }

    private unsafe void Keep(ObjectDamage damage)
    {
        PageFrame* frame = Pages.FrameOf(damage.Image.Object, out Zone zone);
        SlabPlace place = PlaceOf((Slab*)frame->Mapping, zone, frame, damage.Image.Object);
        Pending.Add(Throw.Damaged(this, damage, place, "It was found later, by the slabs"));
    }

    /// <summary>A copy of the object that an address lies in, and of its marks; null if there is none.</summary>
    /// <remarks>The caller does not hold the list lock, which keeps the slab meanwhile.</remarks>
    public unsafe ObjectImage? CopyAt(nint address)
    {
        using (_listLock.Hold())
        {
            if (Marks is null || !Pages.TryGetFrame(address, out _, out PageFrame* frame)
                || Volatile.Read(ref frame->Private) != CacheId)
            {
                return null;
            }

            var slab = (Slab*)frame->Mapping;
            int index = address < slab->Memory ? -1 : Layout.IndexOf((uint)(address - slab->Memory));
            return index < 0 || index >= slab->Objects ? null
                : Marks.Copy(slab->Memory + ((nint)index * Layout.Size));
        }
    }
}
