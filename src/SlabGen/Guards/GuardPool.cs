using SlabGen.Memory;

namespace SlabGen.Guards;

/// <summary>
/// The guarded objects of the process: pages in <see cref="GuardRange"/>, every other one of which is never accessible.
/// An object has one of the others, at its end or its start, chosen at random. It is accessible from the allocation to
/// the free.
/// </summary>
/// <remarks>
/// <para>One to a process, because the low addresses are. It is made when the first runtime asks for it, and stays. A
/// page is used again after all those that were free before it: the longer a freed object stays inaccessible, the more
/// is found.</para>
/// <para>All mutable state, and the slots', is under <see cref="_lock"/>. It is a leaf, taken after the list lock of a
/// cache. System calls are made under it, a few for each guarded object.</para>
/// <para>Invariants: a slot is queued in <see cref="_free"/>, or has a live object, or was freed and the system refused
/// to take its page away; such a page is not used again. The page of a slot in the queue is inaccessible. The table of
/// the handler says for each half page what <see cref="GuardSlot.Describe"/> says.</para>
/// </remarks>
internal sealed class GuardPool
{
    private static readonly UninterruptibleLock s_making = new();
    private static GuardPool? s_pool;
    private static string? s_refusal;

    private readonly UninterruptibleLock _lock = new();
    private readonly IOsMemory _memory;
    private readonly GuardTable _table;
    private readonly nint _start;
    private readonly GuardSlot[] _slots;
    private readonly Queue<int> _free = new(); // lock

    private GuardPool(IOsMemory memory, nint start, int objects, GuardTable table)
    {
        _memory = memory;
        _start = start;
        _slots = new GuardSlot[objects];
        _table = table;
        for (int i = 0; i < objects; i++)
        {
            _slots[i] = new GuardSlot(start + (((2 * i) + 1) << Page.Shift));
            _table.Describe(i, _slots[i].Describe());
            _free.Enqueue(i);
        }
    }

    /// <summary>The one of the process.</summary>
    /// <param name="refusal">Why there is none.</param>
    public static GuardPool? TryGet(out string? refusal)
    {
        using (s_making.Hold())
        {
            if (s_pool is null && s_refusal is null)
            {
                s_pool = TryMake(OsMemory.Current, out s_refusal);
            }

            refusal = s_refusal;
            return s_pool;
        }
    }

    /// <summary>The guarded object of the process at an address, or that lay there last; null without one.</summary>
    public static GuardedAddress? Find(nint address) =>
        GuardRange.Contains(address) ? Volatile.Read(ref s_pool)?.FindHere(address) : null;

    public bool TryTake(CacheGuards owner, int size, int alignment, GuardSite site, out nint address)
    {
        bool atEnd = (Random.Shared.Next() & 1) != 0;
        address = 0;
        using (_lock.Hold())
        {
            if (_free.Count == 0 || !owner.Sampler.TryCount())
            {
                return false;
            }

            int index = _free.Dequeue();
            GuardSlot slot = _slots[index];
            if (!_memory.Commit(slot.Page, Page.Size))
            {
                owner.Sampler.Uncount();
                _free.Enqueue(index);
                return false;
            }

            slot.Begin(owner, size, alignment, atEnd, site);
            _table.Use(index, slot.Describe());
            address = slot.Address;
            return true;
        }
    }

    public void NoteFree(CacheGuards owner, nint address, GuardSite site)
    {
        using (_lock.Hold())
        {
            if (CheckHeld(owner, address, out GuardSlot? slot) == GuardFault.None)
            {
                slot!.NoteFree(site);
            }
        }
    }

    public GuardFault Check(CacheGuards owner, nint address)
    {
        using (_lock.Hold())
        {
            return CheckHeld(owner, address, out _);
        }
    }

    public GuardFault Give(CacheGuards owner, nint address)
    {
        using (_lock.Hold())
        {
            GuardFault fault = CheckHeld(owner, address, out GuardSlot? slot);
            if (fault == GuardFault.None)
            {
                fault = GiveHeld(slot!) ? GuardFault.Damaged : GuardFault.None;
            }

            return fault;
        }
    }

    public int GiveAll(CacheGuards owner, GuardSite? site)
    {
        int given = 0;
        using (_lock.Hold())
        {
            foreach (GuardSlot slot in _slots)
            {
                if (slot.IsLive && slot.Owner == owner)
                {
                    if (site is not null)
                    {
                        slot.NoteFree(site);
                    }

                    GiveHeld(slot);
                    given++;
                }
            }
        }

        return given;
    }

    public int CountLive(CacheGuards owner)
    {
        using (_lock.Hold())
        {
            return _slots.Count(slot => slot.IsLive && slot.Owner == owner);
        }
    }

    public int ListLive(CacheGuards owner, Span<nint> addresses)
    {
        int found = 0;
        using (_lock.Hold())
        {
            foreach (GuardSlot slot in _slots)
            {
                if (slot.IsLive && slot.Owner == owner && found < addresses.Length)
                {
                    addresses[found++] = slot.Address;
                }
            }
        }

        return found;
    }

    public List<(nint Object, nint Damage)> FindDamage(CacheGuards owner)
    {
        List<(nint Object, nint Damage)> found = [];
        using (_lock.Hold())
        {
            foreach (GuardSlot slot in _slots)
            {
                if (slot.IsLive && slot.Owner == owner && slot.FindDamage() is not 0 and nint damage)
                {
                    found.Add((slot.Address, damage));
                }
            }
        }

        return found;
    }

    private static GuardPool? TryMake(IOsMemory memory, out string? refusal)
    {
        refusal = GuardHandler.WhyNot;
        if (refusal is not null)
        {
            return null;
        }

        // As much as can be had: the system may keep more of the low addresses to itself (vm.mmap_min_addr).
        for (nint start = GuardRange.Start; start < GuardRange.End; start *= 2)
        {
            int objects = ((int)((GuardRange.End - start) >> Page.Shift) - 1) / 2;
            if (objects < 1 || !memory.TryReserveAt(start, GuardRange.End - start))
            {
                continue;
            }

            GuardTable? table = GuardTable.TryMake(memory, start, objects);
            refusal = table is null ? "no memory for the reports" : GuardHandler.TryInstall(memory, table);
            if (refusal is null)
            {
                return new GuardPool(memory, start, objects, table!);
            }

            memory.Unmap(start, GuardRange.End - start);
            return null;
        }

        refusal = $"no addresses below 0x{GuardRange.End:x} can be had (vm.mmap_min_addr, or something lies there)";
        return null;
    }

    private GuardedAddress FindHere(nint address)
    {
        using (_lock.Hold())
        {
            return SlotAt(address) is { Owner: { } owner } slot
                ? new GuardedAddress(slot.Address, slot.IsLive, slot.Size, owner, slot.Describe())
                : new GuardedAddress(address, false, 0, null, "No object has lain there.");
        }
    }

    /// <summary>The slot whose page an address lies in; null for a guard page.</summary>
    private GuardSlot? SlotAt(nint address)
    {
        nint page = (address - _start) >> Page.Shift;
        return address >= _start && (page & 1) != 0 && page >> 1 < _slots.Length ? _slots[page >> 1] : null;
    }

    private GuardFault CheckHeld(CacheGuards owner, nint address, out GuardSlot? slot)
    {
        slot = SlotAt(address);
        return slot?.Owner is null ? GuardFault.Foreign
            : slot.Owner != owner ? GuardFault.WrongOwner
            : address != slot.Address ? GuardFault.Interior
            : slot.IsLive ? GuardFault.None
            : GuardFault.AlreadyFree;
    }

    /// <returns>Whether bytes beside the object were written.</returns>
    private bool GiveHeld(GuardSlot slot)
    {
        int index = (int)((slot.Page - _start) >> Page.Shift) >> 1;
        bool isDamaged = slot.End();
        slot.Owner!.Sampler.Uncount();
        _table.Describe(index, slot.Describe());
        if (_memory.Decommit(slot.Page, Page.Size))
        {
            _free.Enqueue(index);
        }

        return isDamaged;
    }
}
